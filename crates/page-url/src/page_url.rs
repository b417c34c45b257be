//! The URL a caller wants to debug: parsed once, at the edge, into a type that cannot be wrong.

use crate::canonical::canonical;
use crate::host::without_port;
use lean_json::{FromJson, ToJson};

/// The longest URL that is accepted, in bytes.
const MAX_BYTES: usize = 2_048;

/// Ports of other protocols, which browsers open no page on: <https://fetch.spec.whatwg.org/#port-blocking>
const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// An absolute `http` or `https` URL with a host and without credentials, in its canonical (WHATWG) spelling:
/// what was checked is byte for byte what the browser is given.
#[derive(Debug, Clone, PartialEq, Eq, Hash, ToJson, FromJson)]
#[serde(transparent)]
pub struct PageUrl(String);

/// What is wrong with a URL, as its sender is told.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// There is none.
    #[error("`url` is missing: say which page to open, as in /?url=https%3A%2F%2Fexample.com%2F")]
    Missing,
    /// It has so many bytes.
    #[error("the URL has {0} bytes; at most {MAX_BYTES} are accepted")]
    TooLong(usize),
    /// It is no URL, or a relative one.
    #[error("`{0}` is not an absolute URL; it has to look like https://example.com/path")]
    NotAbsolute(String),
    /// No page is opened by this scheme.
    #[error("the URL's scheme is `{0}`; only http and https can be opened")]
    Scheme(String),
    /// It carries a user name or password.
    #[error("the URL carries a user name or password; links are passed on, so it must not")]
    Credentials,
    /// It is another protocol's.
    #[error("the URL's port, {0}, is another protocol's; browsers open no page there")]
    Port(u16),
}

impl PageUrl {
    /// Checks and canonicalises `text`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidUrl::Missing);
        }
        if text.len() > MAX_BYTES {
            return Err(InvalidUrl::TooLong(text.len()));
        }
        let href = canonical(text).ok_or_else(|| InvalidUrl::NotAbsolute(text.to_owned()))?;
        let Some(rest) = href.strip_prefix("https://").or_else(|| href.strip_prefix("http://")) else {
            let scheme = href.split(':').next().unwrap_or_default();
            return Err(InvalidUrl::Scheme(scheme.to_owned()));
        };
        if authority(rest).contains('@') {
            return Err(InvalidUrl::Credentials);
        }
        let port = authority(rest)[without_port(authority(rest)).len()..].strip_prefix(':');
        if let Some(bad) = port.and_then(|port| port.parse().ok()).filter(|port| BAD_PORTS.contains(port)) {
            return Err(InvalidUrl::Port(bad));
        }
        Ok(Self(href))
    }

    /// What stands for a URL that could not be read: <https://www.rfc-editor.org/rfc/rfc2606#section-2>
    #[must_use]
    pub fn unknown() -> Self {
        Self("https://unknown.invalid/".to_owned())
    }

    /// The host, without its port: a name, an IPv4 address, or an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        without_port(authority(self.0.split_once("://").map_or("", |(_, rest)| rest)))
    }

    /// The whole URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The part of a canonical URL between `//` and the path: canonical `http` URLs always have a path.
fn authority(after_scheme: &str) -> &str {
    after_scheme.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::spellings;

    #[test]
    fn urls_are_spelled_canonically() {
        for (text, canonical) in spellings().canonical {
            assert_eq!(PageUrl::parse(&text).map(|url| url.0), Ok(canonical), "{text}");
        }
    }

    #[test]
    fn urls_that_cannot_be_opened_are_refused_with_what_is_wrong() {
        for (text, wrong) in spellings().refused {
            let refused = PageUrl::parse(&text).unwrap_err();
            let kind = match refused {
                InvalidUrl::Missing | InvalidUrl::TooLong(_) => panic!("{text}: {refused}"),
                InvalidUrl::NotAbsolute(said) => {
                    assert_eq!(said, text);
                    "invalid"
                }
                InvalidUrl::Scheme(scheme) => {
                    assert!(text.replace('\n', "").starts_with(&scheme), "{text}: {scheme}");
                    "scheme"
                }
                InvalidUrl::Credentials => "credentials",
                InvalidUrl::Port(port) => {
                    assert!(text.contains(&port.to_string()), "{text}: {port}");
                    "port"
                }
            };
            assert_eq!(kind, wrong, "{text}");
        }
    }

    #[test]
    fn the_host_comes_without_its_port() {
        for (url, host) in [
            ("https://Example.com:8443/a:1", "example.com"),
            ("http://[::1]:80/", "[::1]"),
            ("http://[::1]/", "[::1]"),
            ("http://0x7f.1/", "127.0.0.1"),
        ] {
            assert_eq!(PageUrl::parse(url).unwrap().host(), host);
        }
    }

    #[test]
    fn a_url_is_there_and_has_2048_bytes_at_most() {
        assert_eq!(PageUrl::parse(" "), Err(InvalidUrl::Missing));
        assert_eq!(PageUrl::parse(&format!("https://e/{}", "a".repeat(2_039))), Err(InvalidUrl::TooLong(2_049)));
        assert!(PageUrl::parse(&format!("https://e/{}", "a".repeat(2_038))).is_ok());
    }
}
