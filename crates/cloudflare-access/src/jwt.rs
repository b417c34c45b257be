//! A token of Cloudflare Access: which key signed it and whom it names. Its signature is checked elsewhere.

use lean_base64::decode_url;
use lean_json::{FromJson, Kind, Reader, Wrong};

/// How far clocks may differ, in seconds.
const LEEWAY: u64 = 60;

/// Why a token is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJwt {
    /// It has not three parts of base64url.
    #[error("it is no JWT")]
    Malformed,
    /// Only RS256 is one.
    #[error("its algorithm is not RS256")]
    Algorithm,
    /// Nobody of the team has signed it.
    #[error("its key is not among the team's")]
    UnknownKey,
    /// It was changed.
    #[error("its signature is wrong")]
    Signature,
    /// Another team has signed it.
    #[error("it is for another team")]
    Issuer,
    /// It is for another application.
    #[error("it is for another application")]
    Audience,
    /// It was good once.
    #[error("it has expired")]
    Expired,
    /// It will be good later.
    #[error("it is not valid yet")]
    NotYet,
    /// It has neither an e-mail address nor a name.
    #[error("it names nobody")]
    Nobody,
}

/// A token taken apart, its signature not yet checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Jwt {
    /// The key's `kid`.
    pub key_id: String,
    /// What is signed: header and payload, as they came.
    pub signed: String,
    /// The bytes behind the second dot.
    pub signature: Vec<u8>,
    payload: String,
}

#[derive(FromJson)]
struct Header {
    alg: String,
    kid: String,
}

#[derive(FromJson)]
struct Claims {
    iss: String,
    aud: Audiences,
    exp: u64,
    nbf: Option<u64>,
    email: Option<String>,
    /// A service token's name.
    common_name: Option<String>,
}

/// One audience, or a list of them.
struct Audiences(Vec<String>);

impl FromJson for Audiences {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        match reader.kind()? {
            Kind::Text => String::from_json(reader).map(|one| Self(vec![one])),
            _ => Vec::from_json(reader).map(Self),
        }
    }
}

impl Jwt {
    /// Takes a token apart. Only RS256 is one.
    ///
    /// # Errors
    /// What keeps it from being a token.
    pub fn parse(token: &str) -> Result<Self, InvalidJwt> {
        let mut parts = token.trim().split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidJwt::Malformed);
        };
        let Header { alg, kid } = decode(header)?;
        if alg != "RS256" {
            return Err(InvalidJwt::Algorithm);
        }
        Ok(Self {
            key_id: kid,
            signed: format!("{header}.{payload}"),
            signature: decode_url(signature).ok_or(InvalidJwt::Malformed)?,
            payload: payload.to_owned(),
        })
    }

    /// Checks what the token says, and answers whom it names: an e-mail address, or a service token's name.
    ///
    /// # Errors
    /// Why it does not count here, or now.
    pub fn name(&self, issuer: &str, audiences: &[String], now_seconds: u64) -> Result<String, InvalidJwt> {
        let claims: Claims = decode(&self.payload)?;
        if claims.iss.trim_end_matches('/') != issuer {
            return Err(InvalidJwt::Issuer);
        }
        let Audiences(theirs) = &claims.aud;
        if !theirs.iter().any(|one| audiences.contains(one)) {
            return Err(InvalidJwt::Audience);
        }
        if claims.exp.saturating_add(LEEWAY) <= now_seconds {
            return Err(InvalidJwt::Expired);
        }
        if claims.nbf.is_some_and(|not_before| not_before > now_seconds + LEEWAY) {
            return Err(InvalidJwt::NotYet);
        }
        let names = [claims.email, claims.common_name];
        names.into_iter().flatten().find(|name| !name.is_empty()).ok_or(InvalidJwt::Nobody)
    }
}

fn decode<T: FromJson>(part: &str) -> Result<T, InvalidJwt> {
    let json = decode_url(part).ok_or(InvalidJwt::Malformed)?;
    let json = String::from_utf8(json).map_err(|_| InvalidJwt::Malformed)?;
    lean_json::read(&json).map_err(|_| InvalidJwt::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const TEAM: &str = "https://team.cloudflareaccess.com";

    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| lean_base64::encode_url(value.to_string().as_bytes());
        format!("{}.{}.c2ln", part(header), part(claims))
    }

    fn name(claims: &Value) -> Result<String, InvalidJwt> {
        let token = token(&json!({"alg": "RS256", "kid": "k1"}), claims);
        Jwt::parse(&token)?.name(TEAM, &["app".to_owned(), "app2".to_owned()], 1_000)
    }

    #[test]
    fn people_and_service_tokens_are_named() {
        let person = json!({"iss": TEAM, "aud": ["x", "app"], "exp": 2_000, "nbf": 900, "email": "ada@e.com"});
        assert_eq!(name(&person).as_deref(), Ok("ada@e.com"));
        let service = json!({"iss": TEAM, "aud": "app2", "exp": 2_000, "email": "", "common_name": "ci"});
        assert_eq!(name(&service).as_deref(), Ok("ci"));
    }

    #[test]
    fn what_is_for_somebody_else_or_another_time_is_refused() {
        let with = |key: &str, value: Value| {
            let mut claims = json!({"iss": TEAM, "aud": ["app"], "exp": 1_000, "nbf": 1_000, "email": "a@e.com"});
            claims[key] = value;
            name(&claims)
        };
        assert_eq!(with("exp", json!(941)).as_deref(), Ok("a@e.com"), "within the leeway");
        assert_eq!(with("exp", json!(940)), Err(InvalidJwt::Expired));
        assert_eq!(with("nbf", json!(1_060)).as_deref(), Ok("a@e.com"), "within the leeway");
        assert_eq!(with("nbf", json!(1_061)), Err(InvalidJwt::NotYet));
        assert_eq!(with("iss", json!("https://evil.cloudflareaccess.com")), Err(InvalidJwt::Issuer));
        assert_eq!(with("aud", json!(["other"])), Err(InvalidJwt::Audience));
        assert_eq!(with("aud", json!([])), Err(InvalidJwt::Audience));
        assert_eq!(with("email", json!(null)), Err(InvalidJwt::Nobody));
        assert_eq!(with("exp", json!(null)), Err(InvalidJwt::Malformed));
    }

    #[test]
    fn no_other_algorithm_is_accepted() {
        for algorithm in ["none", "HS256", "RS512", "rs256", "ES256", ""] {
            let token = token(&json!({"alg": algorithm, "kid": "k1"}), &json!({}));
            assert_eq!(Jwt::parse(&token), Err(InvalidJwt::Algorithm), "{algorithm}");
        }
        for malformed in ["", "a.b", "a.b.c.d", "..", "e30.e30.e30"] {
            assert_eq!(Jwt::parse(malformed), Err(InvalidJwt::Malformed), "{malformed}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_answered_without_a_panic(token in "[A-Za-z0-9_.-]{0,80}|\\PC{0,40}") {
            if let Ok(jwt) = Jwt::parse(&token) {
                let _ = jwt.name(TEAM, &[], 0);
            }
        }
    }
}
