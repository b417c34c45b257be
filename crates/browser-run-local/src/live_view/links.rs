//! Signed links to a page: each starts a connection until its time is over.

use browser_run_api::{LiveViewMode, Target};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{authority::Base, clock::Millis, error::Error};

/// How long `liveViewUrlExpiresInMs` and `expiresInMs` can make a link last.
const LIFETIMES: std::ops::RangeInclusive<Millis> = 60_000..=3_600_000;

/// What a link's token says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Claims {
    session: Uuid,
    target: String,
    #[serde(flatten)]
    pub(crate) view: View,
    /// Seconds since 1970, with their fraction.
    exp: f64,
}

/// What a link shows, and whether its holder may do more than look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct View {
    pub(crate) mode: LiveViewMode,
    #[serde(default)]
    pub(crate) read_only: bool,
}

/// What keeps a link from starting a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LinkError {
    #[error("the link has expired")]
    Expired,
    #[error("the link is not valid here")]
    Invalid,
}

/// Makes links and checks them, with a key that this server's life is the life of.
pub(crate) struct Links {
    encoding: EncodingKey,
    decoding: DecodingKey,
    lifetime: Millis,
}

impl Links {
    pub(crate) fn new(lifetime: Millis) -> Self {
        let key = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes).concat();
        Self { encoding: EncodingKey::from_secret(&key), decoding: DecodingKey::from_secret(&key), lifetime }
    }

    /// A link that is good from `now` on, for `lifetime` or the configured time.
    pub(crate) fn make(
        &self,
        base: &Base,
        (session, target): (Uuid, &str),
        view: View,
        lifetime: Option<Millis>,
        now: Millis,
    ) -> Link {
        let expires = now.saturating_add(lifetime.unwrap_or(self.lifetime));
        let claims = Claims { session, target: target.to_owned(), view, exp: expires as f64 / 1_000.0 };
        let jwt = jsonwebtoken::encode(&Header::default(), &claims, &self.encoding).expect("plain values serialise");
        let host = &base.host;
        Link { host: host.clone(), page: format!("{host}/api/devtools/browser/{session}/page/{target}?jwt={jwt}") }
    }

    /// The same target, with links.
    pub(crate) fn link(
        &self,
        base: &Base,
        session: Uuid,
        target: Target,
        lifetime: Option<Millis>,
        now: Millis,
    ) -> Target {
        let link = self.make(base, (session, &target.id), View::default(), lifetime, now);
        Target { devtools_frontend_url: Some(link.view(None)), web_socket_debugger_url: Some(link.socket()), ..target }
    }

    /// Whether this token may start a connection to this target now.
    pub(crate) fn check(&self, jwt: &str, (session, target): (Uuid, &str), now: Millis) -> Result<Claims, LinkError> {
        // Its time is ours to check, by a clock that tests can put forward.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(jwt, &self.decoding, &validation);
        let claims = claims.map_err(|_| LinkError::Invalid)?.claims;
        match claims {
            _ if (claims.session, claims.target.as_str()) != (session, target) => Err(LinkError::Invalid),
            _ if now as f64 / 1_000.0 >= claims.exp => Err(LinkError::Expired),
            claims => Ok(claims),
        }
    }
}

/// A link just made. It is a credential.
pub(crate) struct Link {
    host: String,
    /// `127.0.0.1:9333/api/devtools/browser/…/page/…?jwt=…`
    page: String,
}

impl Link {
    /// For a person. The inner `?jwt=` is not percent-encoded, as documented.
    pub(crate) fn view(&self, mode: Option<LiveViewMode>) -> String {
        let mode = match mode {
            None => "",
            Some(LiveViewMode::Devtools) => "mode=devtools&",
            Some(LiveViewMode::Tab) => "mode=tab&",
            Some(LiveViewMode::Full) => "mode=full&",
        };
        format!("http://{}/ui/view?{mode}wss={}", self.host, self.page)
    }

    /// For a CDP client.
    pub(crate) fn socket(&self) -> String {
        format!("ws://{}", self.page)
    }
}

/// How long a caller wants a link to last, `parameter` being what they call it.
pub(crate) fn lifetime(parameter: &str, wanted: Option<Millis>) -> Result<Option<Millis>, Error> {
    match wanted {
        Some(ms) if !LIFETIMES.contains(&ms) => Err(Error::BadRequest(format!(
            "{parameter} must be from {} to {} milliseconds",
            LIFETIMES.start(),
            LIFETIMES.end()
        ))),
        wanted => Ok(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: &str = "8E598E996530FB09E46A22B8B7754F7F";

    fn jwt(links: &Links, session: Uuid, lifetime: Option<Millis>) -> String {
        let base = Base::at("h:1");
        let link = links.make(&base, (session, TARGET), View::default(), lifetime, 1_000);
        link.page.split_once("?jwt=").unwrap().1.to_owned()
    }

    #[test]
    fn a_link_has_the_documented_shape() {
        let (links, session) = (Links::new(300_000), Uuid::new_v4());
        let link = links.make(&Base::at("h:1"), (session, TARGET), View::default(), None, 0);
        let page = format!("h:1/api/devtools/browser/{session}/page/{TARGET}?jwt=");
        assert!(link.view(None).starts_with(&format!("http://h:1/ui/view?wss={page}")));
        assert!(link.view(Some(LiveViewMode::Tab)).starts_with(&format!("http://h:1/ui/view?mode=tab&wss={page}")));
        assert!(link.socket().starts_with(&format!("ws://{page}")));
    }

    #[test]
    fn what_a_link_shows_is_part_of_its_token() {
        let (links, session) = (Links::new(300_000), Uuid::new_v4());
        let view = View { mode: LiveViewMode::Full, read_only: true };
        let link = links.make(&Base::at("h:1"), (session, TARGET), view, None, 0);
        let jwt = link.page.split_once("?jwt=").unwrap().1;
        assert_eq!(links.check(jwt, (session, TARGET), 1).unwrap().view, view);
    }

    #[test]
    fn a_link_is_good_until_its_time_is_over() {
        let (links, session) = (Links::new(300_000), Uuid::new_v4());
        for (lifetime, end) in [(None, 301_000), (Some(60_000), 61_000)] {
            let jwt = jwt(&links, session, lifetime);
            assert!(links.check(&jwt, (session, TARGET), end - 1).is_ok());
            assert_eq!(links.check(&jwt, (session, TARGET), end), Err(LinkError::Expired));
        }
    }

    #[test]
    fn a_link_for_something_else_is_not_valid() {
        let (links, session) = (Links::new(300_000), Uuid::new_v4());
        let jwt = jwt(&links, session, None);
        let invalid = Err(LinkError::Invalid);
        assert_eq!(links.check(&jwt, (Uuid::new_v4(), TARGET), 1_000), invalid);
        assert_eq!(links.check(&jwt, (session, "another"), 1_000), invalid);
        assert_eq!(Links::new(300_000).check(&jwt, (session, TARGET), 1_000), invalid, "another server's key");
    }

    #[test]
    fn a_token_with_any_character_changed_is_not_valid() {
        let (links, session) = (Links::new(300_000), Uuid::new_v4());
        let jwt = jwt(&links, session, None);
        // The last character of a part carries bits that are not used.
        let ends: Vec<_> = jwt.match_indices('.').map(|(at, _)| at - 1).chain([jwt.len() - 1]).collect();
        for at in (0..jwt.len()).filter(|at| !ends.contains(at)) {
            let other = if &jwt[at..=at] == "A" { "B" } else { "A" };
            let tampered = format!("{}{other}{}", &jwt[..at], &jwt[at + 1..]);
            assert!(links.check(&tampered, (session, TARGET), 1_000).is_err(), "{at}");
        }
        assert!(links.check("", (session, TARGET), 1_000).is_err());
    }
}
