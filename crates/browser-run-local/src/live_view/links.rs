//! Signed links to a page: each starts a connection until its time is over.

use browser_run_api::{LiveViewMode, Target};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Millis;

/// How long `liveViewUrlExpiresInMs` and `expiresInMs` can make a link last.
const LIFETIMES_MS: std::ops::RangeInclusive<Millis> = 60_000..=3_600_000;

/// The page that a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageId<'a> {
    pub(crate) session: Uuid,
    pub(crate) target: &'a str,
}

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

impl View {
    /// Whether its holder may know of the session's other pages: who may control one may control all.
    pub(crate) fn shows_all(self) -> bool {
        !self.read_only || self.mode == LiveViewMode::Full
    }
}

/// What keeps a link from starting a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LinkError {
    #[error("the link has expired")]
    Expired,
    #[error("the link is not valid here")]
    Invalid,
}

/// Makes links and checks them, with a key that is made anew with each server.
pub(crate) struct Links {
    encoding: EncodingKey,
    decoding: DecodingKey,
    default_lifetime_ms: Millis,
}

impl Links {
    pub(crate) fn new(default_lifetime_ms: Millis) -> Self {
        let key = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes).concat();
        let (encoding, decoding) = (EncodingKey::from_secret(&key), DecodingKey::from_secret(&key));
        Self { encoding, decoding, default_lifetime_ms }
    }

    /// A link to this server, `host`, that is good from `now_ms` on, for `lifetime_ms` or the configured time.
    pub(crate) fn make(
        &self, host: &str, PageId { session, target }: PageId<'_>, view: View, lifetime_ms: Option<Millis>,
        now_ms: Millis,
    ) -> Link {
        let expires_at_ms = now_ms.saturating_add(lifetime_ms.unwrap_or(self.default_lifetime_ms));
        let claims = Claims { session, target: target.to_owned(), view, exp: expires_at_ms as f64 / 1_000.0 };
        let jwt = jsonwebtoken::encode(&Header::default(), &claims, &self.encoding).expect("plain values serialise");
        let page_socket = format!("{host}/api/devtools/browser/{session}/page/{target}?jwt={jwt}");
        Link { host: host.to_owned(), page_socket }
    }

    /// The same target, with links.
    pub(crate) fn with_links(
        &self, host: &str, session: Uuid, target: Target, lifetime_ms: Option<Millis>, now_ms: Millis,
    ) -> Target {
        let link = self.make(host, PageId { session, target: &target.id }, View::default(), lifetime_ms, now_ms);
        Target { devtools_frontend_url: Some(link.view(None)), web_socket_debugger_url: Some(link.socket()), ..target }
    }

    /// The same target, with links as the answer to an acquisition has them: to the inspector.
    pub(crate) fn with_inspector(
        &self, host: &str, session: Uuid, target: Target, lifetime_ms: Option<Millis>, now_ms: Millis,
    ) -> Target {
        let target = self.with_links(host, session, target, lifetime_ms, now_ms);
        let link = target.devtools_frontend_url.map(|link| link.replacen("/ui/view?", "/ui/inspector?", 1));
        Target { devtools_frontend_url: link, ..target }
    }

    /// What this token says, if it may start a connection to this page now.
    ///
    /// # Errors
    /// When it may not.
    pub(crate) fn check(&self, jwt: &str, page: PageId<'_>, now_ms: Millis) -> Result<Claims, LinkError> {
        // Its time is ours to check, by a clock that tests can put forward.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(jwt, &self.decoding, &validation);
        let claims = claims.map_err(|_| LinkError::Invalid)?.claims;
        match claims {
            _ if (PageId { session: claims.session, target: &claims.target }) != page => Err(LinkError::Invalid),
            _ if now_ms as f64 / 1_000.0 >= claims.exp => Err(LinkError::Expired),
            claims => Ok(claims),
        }
    }
}

/// A link just made. It is a credential.
pub(crate) struct Link {
    host: String,
    /// `127.0.0.1:9333/api/devtools/browser/…/page/…?jwt=…`
    page_socket: String,
}

impl Link {
    /// For a person. The inner `?jwt=` is not percent-encoded, as documented.
    pub(crate) fn view(&self, mode: Option<LiveViewMode>) -> String {
        let mode = mode.map(|mode| format!("mode={}&", mode.as_str())).unwrap_or_default();
        format!("http://{}/ui/view?{mode}wss={}", self.host, self.page_socket)
    }

    /// For a CDP client.
    pub(crate) fn socket(&self) -> String {
        format!("ws://{}", self.page_socket)
    }
}

/// How long a caller wants a link to last, `parameter` being what they call it.
///
/// # Errors
/// When it is too short or too long: a message for the caller.
pub(crate) fn lifetime_ms(parameter: &str, wanted_ms: Option<Millis>) -> Result<Option<Millis>, String> {
    match wanted_ms {
        Some(ms) if !LIFETIMES_MS.contains(&ms) => {
            Err(format!("{parameter} must be from {} to {} milliseconds", LIFETIMES_MS.start(), LIFETIMES_MS.end()))
        }
        wanted_ms => Ok(wanted_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: &str = "8E598E996530FB09E46A22B8B7754F7F";

    fn page(session: Uuid) -> PageId<'static> {
        PageId { session, target: TARGET }
    }

    fn jwt(links: &Links, session: Uuid, lifetime_ms: Option<Millis>) -> String {
        let link = links.make("h:1", page(session), View::default(), lifetime_ms, 1_000);
        link.page_socket.split_once("?jwt=").unwrap().1.to_owned()
    }

    #[test]
    fn a_link_has_the_documented_shape() {
        let (links, session) = (Links::new(300_000), Uuid::new_v4());
        let link = links.make("h:1", page(session), View::default(), None, 0);
        let socket = format!("h:1/api/devtools/browser/{session}/page/{TARGET}?jwt=");
        assert!(link.view(None).starts_with(&format!("http://h:1/ui/view?wss={socket}")));
        assert!(link.view(Some(LiveViewMode::Tab)).starts_with(&format!("http://h:1/ui/view?mode=tab&wss={socket}")));
        assert!(link.socket().starts_with(&format!("ws://{socket}")));
        let target = Target {
            id: TARGET.to_owned(),
            kind: "page".to_owned(),
            url: "about:blank".to_owned(),
            title: None,
            description: None,
            devtools_frontend_url: None,
            web_socket_debugger_url: None,
        };
        let target = links.with_inspector("h:1", session, target, None, 0);
        let inspector = target.devtools_frontend_url.unwrap();
        assert!(inspector.starts_with(&format!("http://h:1/ui/inspector?wss={socket}")), "{inspector}");
    }

    #[test]
    fn a_links_token_says_what_it_shows() {
        let (links, session) = (Links::new(300_000), Uuid::new_v4());
        let view = View { mode: LiveViewMode::Full, read_only: true };
        let link = links.make("h:1", page(session), view, None, 0);
        let jwt = link.page_socket.split_once("?jwt=").unwrap().1;
        assert_eq!(links.check(jwt, page(session), 1).unwrap().view, view);
    }

    #[test]
    fn a_link_is_good_until_its_time_is_over() {
        let (links, session) = (Links::new(300_000), Uuid::new_v4());
        for (lifetime_ms, end_ms) in [(None, 301_000), (Some(60_000), 61_000)] {
            let jwt = jwt(&links, session, lifetime_ms);
            assert!(links.check(&jwt, page(session), end_ms - 1).is_ok());
            assert_eq!(links.check(&jwt, page(session), end_ms), Err(LinkError::Expired));
        }
    }

    #[test]
    fn a_link_for_something_else_is_not_valid() {
        let (links, session) = (Links::new(300_000), Uuid::new_v4());
        let jwt = jwt(&links, session, None);
        let invalid = Err(LinkError::Invalid);
        assert_eq!(links.check(&jwt, page(Uuid::new_v4()), 1_000), invalid);
        assert_eq!(links.check(&jwt, PageId { session, target: "another" }, 1_000), invalid);
        assert_eq!(Links::new(300_000).check(&jwt, page(session), 1_000), invalid, "another server's key");
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
            assert!(links.check(&tampered, page(session), 1_000).is_err(), "{at}");
        }
        assert!(links.check("", page(session), 1_000).is_err());
    }
}
