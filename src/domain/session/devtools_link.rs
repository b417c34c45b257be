//! The link that a caller is redirected to: a credential, passed on byte for byte, and only to where it belongs.

/// A link to a live view, on a host that the operator configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DevtoolsLink(String);

/// Why Browser Run's link is not passed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidDevtoolsLink {
    #[error("Browser Run's answer held no link to DevTools")]
    Missing,
    #[error("Browser Run's link leads to {0}, which is not listed (LIVE_VIEW_HOSTS)")]
    Foreign(String),
    #[error("Browser Run's link is no printable ASCII")]
    Unprintable,
}

impl DevtoolsLink {
    /// Checks a link without taking it apart. `origins` end in a slash, so that nothing but the host can match.
    pub(crate) fn check(link: Option<String>, origins: &[String]) -> Result<Self, InvalidDevtoolsLink> {
        let link = link.filter(|link| !link.is_empty()).ok_or(InvalidDevtoolsLink::Missing)?;
        if !link.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidDevtoolsLink::Unprintable);
        }
        if origins.iter().any(|origin| link.starts_with(origin.as_str())) {
            return Ok(Self(link));
        }
        Err(InvalidDevtoolsLink::Foreign(origin_of(&link).to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

/// What may be told of a link that is not passed on: everything behind its host can be secret.
fn origin_of(link: &str) -> &str {
    let authority = link.find("://").map_or(0, |index| index + 3);
    let end = link[authority..].find(['/', '?', '#']).map_or(link.len(), |index| authority + index);
    &link[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(link: &str) -> Result<String, InvalidDevtoolsLink> {
        let origins = ["https://live.browser.run/".to_owned(), "http://127.0.0.1:9333/".to_owned()];
        DevtoolsLink::check(Some(link.to_owned()), &origins).map(DevtoolsLink::into_string)
    }

    #[test]
    fn a_link_is_kept_byte_for_byte() {
        for link in [
            "https://live.browser.run/ui/view?wss=live.browser.run/api/devtools/browser/s/page/T?jwt=a.b-_c",
            "http://127.0.0.1:9333/ui/view?mode=tab&wss=127.0.0.1:9333/api/x?jwt=%41&a#b",
        ] {
            assert_eq!(check(link).as_deref(), Ok(link));
        }
    }

    #[test]
    fn other_hosts_are_refused_and_named_without_their_secrets() {
        for (link, named) in [
            ("https://evil.example/ui/view?jwt=secret", "https://evil.example"),
            ("http://live.browser.run/ui?jwt=secret", "http://live.browser.run"),
            ("https://live.browser.run@evil.example/?secret", "https://live.browser.run@evil.example"),
            ("https://live.browser.run.evil.example/", "https://live.browser.run.evil.example"),
            ("https://live.browser.run?jwt=secret", "https://live.browser.run"),
            ("//live.browser.run/x", ""),
            ("javascript:alert(1)", "javascript:alert(1)"),
        ] {
            assert_eq!(check(link), Err(InvalidDevtoolsLink::Foreign(named.to_owned())), "{link}");
        }
    }

    #[test]
    fn what_could_split_a_header_is_refused() {
        assert_eq!(check("https://live.browser.run/\r\nset-cookie:a=b"), Err(InvalidDevtoolsLink::Unprintable));
        assert_eq!(check("https://live.browser.run/ä"), Err(InvalidDevtoolsLink::Unprintable));
        assert_eq!(check(""), Err(InvalidDevtoolsLink::Missing));
    }
}
