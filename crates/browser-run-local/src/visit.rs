//! Somebody opens a link: the query of `/ui/…`, taken apart.

use percent_encoding::percent_decode_str;
use uuid::Uuid;

use crate::{links::LinkError, notice::Notice, server::App, sessions::OpenSession};

/// What a link says: which page, and the token that opens it.
#[derive(Debug, PartialEq)]
pub(crate) struct Visit {
    session: Uuid,
    target: String,
    jwt: String,
}

impl Visit {
    /// Reads `mode=…&wss=HOST/api/devtools/browser/{session}/page/{target}?jwt=…`, percent-encoded or not. The host is
    /// left out: a link leads back to this server and nowhere else.
    pub(crate) fn parse(query: &str) -> Option<Self> {
        let address = ["wss=", "ws="].into_iter().find_map(|name| {
            let at = query.match_indices(name).map(|(at, _)| at).find(|at| *at == 0 || query[..*at].ends_with('&'))?;
            Some(&query[at + name.len()..])
        })?;
        let address = percent_decode_str(address).decode_utf8().ok()?;
        let (_, path) = address.split_once("/api/devtools/browser/")?;
        let (session, rest) = path.split_once("/page/")?;
        let (target, jwt) = rest.split_once("?jwt=")?;
        let jwt = jwt.split('&').next()?;
        let harmless = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        (harmless(target) && harmless(jwt)).then_some(())?;
        Some(Self { session: session.parse().ok()?, target: target.to_owned(), jwt: jwt.to_owned() })
    }

    /// The session, when the link is good and the session still open.
    pub(crate) fn check(&self, app: &App) -> Result<OpenSession, Notice> {
        match app.links.check(&self.jwt, (self.session, &self.target), app.clock.now()) {
            Err(LinkError::Invalid) => Err(Notice::Invalid),
            Err(LinkError::Expired) => Err(Notice::Expired),
            Ok(_) => app.sessions.open(self.session).map_err(|_| Notice::Ended),
        }
    }

    /// What the front end connects to.
    pub(crate) fn socket(&self, host: &str) -> String {
        let Self { session, target, jwt } = self;
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
        for same in [format!("mode=tab&{LINK}"), format!("wss={encoded}"), format!("ws={}&panel=console", &LINK[4..])] {
            assert_eq!(Visit::parse(&same).as_ref(), Some(&visit), "{same}");
        }
    }

    #[test]
    fn anything_else_is_no_link() {
        for query in ["", "wss=", "wss=h/api/devtools/browser/x/page/y?jwt=z", "xwss=h", &LINK.replace("8E59", "<")] {
            assert_eq!(Visit::parse(query), None, "{query}");
        }
    }
}
