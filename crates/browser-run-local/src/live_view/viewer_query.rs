//! The query of `/ui/…`, with which a link is opened, taken apart and checked.

use browser_run_api::LiveViewMode;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use super::{
    error_page::ErrorPage,
    links::{Claims, LinkError, Links, PageId, View},
};
use crate::{
    clock::Millis,
    session::sessions::{OpenSession, Sessions},
};

/// What a link says: which page, and the token that opens it.
#[derive(Debug, PartialEq)]
pub(crate) struct ViewerQuery {
    session: Uuid,
    pub(crate) target: String,
    jwt: String,
    /// What it is to show, if the link says so.
    pub(crate) mode: Option<LiveViewMode>,
}

/// An open session, and what a link shows of it.
pub(crate) struct Viewed {
    pub(crate) session: OpenSession,
    pub(crate) view: View,
}

impl ViewerQuery {
    /// Reads `mode=…&wss=HOST/api/devtools/browser/{session}/page/{target}?jwt=…`, percent-encoded or not. The host is
    /// left out: a link leads back to this server and nowhere else.
    pub(crate) fn parse(query: &str) -> Option<Self> {
        let value = |name: &str| {
            let at = query.match_indices(name).map(|(at, _)| at).find(|at| *at == 0 || query[..*at].ends_with('&'))?;
            Some(&query[at + name.len()..])
        };
        let mode = value("mode=").and_then(|rest| rest.split('&').next()?.parse().ok());
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
    ///
    /// # Errors
    /// The page that says what happened to it.
    pub(crate) fn check(&self, links: &Links, sessions: &Sessions, now_ms: Millis) -> Result<Viewed, ErrorPage> {
        let page = PageId { session: self.session, target: &self.target };
        match links.check(&self.jwt, page, now_ms) {
            Err(LinkError::Invalid) => Err(ErrorPage::Invalid),
            Err(LinkError::Expired) => Err(ErrorPage::Expired),
            Ok(Claims { view, .. }) => match sessions.open(self.session) {
                Ok(session) => Ok(Viewed { session, view }),
                Err(_) => Err(ErrorPage::Ended),
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
    fn a_link_is_read_as_documented_encoded_or_with_more_parameters() {
        let viewer = ViewerQuery::parse(LINK).unwrap();
        assert_eq!((viewer.target.as_str(), viewer.jwt.as_str()), ("8E59", "a.b-_.c"));
        assert_eq!(viewer.socket("h:2"), LINK[4..].replace("h:1", "h:2"));
        let encoded = percent_encoding::utf8_percent_encode(&LINK[4..], percent_encoding::NON_ALPHANUMERIC);
        for same in [format!("x=1&{LINK}"), format!("wss={encoded}"), format!("ws={}&panel=console", &LINK[4..])] {
            assert_eq!(ViewerQuery::parse(&same).as_ref(), Some(&viewer), "{same}");
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
            let viewer = ViewerQuery::parse(&query).unwrap();
            assert_eq!((viewer.mode, viewer.jwt.as_str()), (mode, "a.b-_.c"), "{query}");
        }
    }

    #[test]
    fn queries_of_any_other_shape_are_no_links() {
        for query in ["", "wss=", "wss=h/api/devtools/browser/x/page/y?jwt=z", "xwss=h", &LINK.replace("8E59", "<")] {
            assert_eq!(ViewerQuery::parse(query), None, "{query}");
        }
    }
}
