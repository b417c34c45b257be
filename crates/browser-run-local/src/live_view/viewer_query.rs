//! Somebody opens a link: the query of `/ui/…`, taken apart.

use browser_run_api::LiveViewMode;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use crate::{
    links::{Claims, LinkError, View},
    notice::Notice,
    server::App,
    sessions::OpenSession,
};

/// What a link says: which page, and the token that opens it.
#[derive(Debug, PartialEq)]
pub(crate) struct Visit {
    session: Uuid,
    pub(crate) target: String,
    jwt: String,
    /// What it is to show, if the link says so.
    pub(crate) mode: Option<LiveViewMode>,
}

impl Visit {
    /// Reads `mode=…&wss=HOST/api/devtools/browser/{session}/page/{target}?jwt=…`, percent-encoded or not. The host is
    /// left out: a link leads back to this server and nowhere else.
    pub(crate) fn parse(query: &str) -> Option<Self> {
        let value = |name: &str| {
            let at = query.match_indices(name).map(|(at, _)| at).find(|at| *at == 0 || query[..*at].ends_with('&'))?;
            Some(&query[at + name.len()..])
        };
        let mode = value("mode=").and_then(|rest| match rest.split('&').next()? {
            "devtools" => Some(LiveViewMode::Devtools),
            "tab" => Some(LiveViewMode::Tab),
            "full" => Some(LiveViewMode::Full),
            _ => None,
        });
        let address = value("wss=").or_else(|| value("ws="))?;
        let address = percent_decode_str(address).decode_utf8().ok()?;
        let (_, path) = address.split_once("/api/devtools/browser/")?;
        let (session, rest) = path.split_once("/page/")?;
        let (target, jwt) = rest.split_once("?jwt=")?;
        let jwt = jwt.split('&').next()?;
        let harmless = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        (harmless(target) && harmless(jwt)).then_some(())?;
        Some(Self { session: session.parse().ok()?, target: target.to_owned(), jwt: jwt.to_owned(), mode })
    }

    /// The session and what may be seen of it, when the link is good and the session still open.
    pub(crate) fn check(&self, app: &App) -> Result<(OpenSession, View), Notice> {
        match app.links.check(&self.jwt, (self.session, &self.target), app.clock.now()) {
            Err(LinkError::Invalid) => Err(Notice::Invalid),
            Err(LinkError::Expired) => Err(Notice::Expired),
            Ok(Claims { view, .. }) => match app.sessions.open(self.session) {
                Ok(session) => Ok((session, view)),
                Err(_) => Err(Notice::Ended),
            },
        }
    }

    /// What the front end connects to.
    pub(crate) fn socket(&self, host: &str) -> String {
        let Self { session, target, jwt, .. } = self;
        format!("{host}/api/devtools/browser/{session}/page/{target}?jwt={jwt}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "wss=h:1/api/devtools/browser/1909cef7-23e8-4394-bc31-27404bf4348f/page/8E59?jwt=a.b-_.c";

    #[test]
    fn a_link_is_read_as_it_is_documented_encoded_or_with_more_parameters() {
        let visit = Visit::parse(LINK).unwrap();
        assert_eq!((visit.target.as_str(), visit.jwt.as_str()), ("8E59", "a.b-_.c"));
        assert_eq!(visit.socket("h:2"), LINK[4..].replace("h:1", "h:2"));
        let encoded = percent_encoding::utf8_percent_encode(&LINK[4..], percent_encoding::NON_ALPHANUMERIC);
        for same in [format!("x=1&{LINK}"), format!("wss={encoded}"), format!("ws={}&panel=console", &LINK[4..])] {
            assert_eq!(Visit::parse(&same).as_ref(), Some(&visit), "{same}");
        }
    }

    #[test]
    fn a_link_may_say_what_it_shows() {
        for (query, mode) in [
            (LINK.to_owned(), None),
            (format!("mode=tab&{LINK}"), Some(LiveViewMode::Tab)),
            (format!("{LINK}&mode=full"), Some(LiveViewMode::Full)),
            (format!("mode=other&{LINK}"), None),
        ] {
            let visit = Visit::parse(&query).unwrap();
            assert_eq!((visit.mode, visit.jwt.as_str()), (mode, "a.b-_.c"), "{query}");
        }
    }

    #[test]
    fn anything_else_is_no_link() {
        for query in ["", "wss=", "wss=h/api/devtools/browser/x/page/y?jwt=z", "xwss=h", &LINK.replace("8E59", "<")] {
            assert_eq!(Visit::parse(query), None, "{query}");
        }
    }
}
