//! A Cloudflare Access team: its published keys, and the sign-ins that it signs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rsa::{
    RsaPrivateKey,
    pkcs1::{EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _, LineEnding},
    rand_core::OsRng,
    traits::PublicKeyParts as _,
};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

/// The audience tag of the application that is the Worker.
pub(crate) const AUDIENCE: &str = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
/// The id of the team's key.
pub(crate) const KEY_ID: &str = "the-teams-key";

const CERTS: &str = "/cdn-cgi/access/certs";

/// A team.
pub(crate) struct Team {
    server: MockServer,
    key: RsaPrivateKey,
}

impl Team {
    pub(crate) async fn start() -> Self {
        Self::start_slow(Duration::ZERO).await
    }

    /// One whose keys take this long.
    pub(crate) async fn start_slow(delay: Duration) -> Self {
        let key = RsaPrivateKey::new(&mut OsRng, 2_048).unwrap();
        let part = |number: &rsa::BigUint| BASE64_URL_SAFE_NO_PAD.encode(number.to_bytes_be());
        let (n, e) = (part(key.n()), part(key.e()));
        let keys = json!({ "keys": [{ "kid": KEY_ID, "kty": "RSA", "alg": "RS256", "use": "sig", "n": n, "e": e }] });
        let server = MockServer::start().await;
        let certs = Mock::given(path(CERTS));
        let answer = ResponseTemplate::new(200).set_body_json(keys).set_delay(delay);
        certs.respond_with(answer).mount(&server).await;
        Self { server, key }
    }

    /// Has its keys answered by this, once.
    pub(crate) async fn answer_once(&self, answer: ResponseTemplate) {
        let certs = Mock::given(path(CERTS)).respond_with(answer);
        certs.up_to_n_times(1).with_priority(1).mount(&self.server).await;
    }

    /// The Worker's variables for it.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        [("ACCESS_TEAM", self.server.uri()), ("ACCESS_AUDIENCE", AUDIENCE.to_owned())]
    }

    /// What a sign-in of this person says.
    pub(crate) fn claims(&self, email: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        json!({ "iss": self.server.uri(), "aud": [AUDIENCE], "exp": now + 600, "nbf": now, "email": email })
    }

    /// A sign-in, signed as it should be.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with(KEY_ID, claims)
    }

    /// A sign-in that names a key.
    pub(crate) fn sign_with(&self, key_id: &str, claims: &Value) -> String {
        let key = EncodingKey::from_rsa_der(self.key.to_pkcs1_der().unwrap().as_bytes());
        let header = Header { kid: Some(key_id.to_owned()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    }

    /// A sign-in that takes the published key for a shared secret.
    pub(crate) fn sign_with_the_public_key(&self, claims: &Value) -> String {
        let key = self.key.to_public_key().to_pkcs1_pem(LineEnding::LF).unwrap();
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(key.as_bytes())).unwrap()
    }

    /// How often its keys were asked for.
    pub(crate) async fn key_requests(&self) -> usize {
        self.server.received_requests().await.unwrap().len()
    }
}

/// A part of a sign-in.
pub(crate) fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}
