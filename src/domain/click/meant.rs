//! What somebody may have meant who sent something that is no page's URL.

use page_url::{PageUrl, host::address};

/// The page that a text is likely to mean: without what surrounds a URL in a text, with a scheme, and without a password.
pub(crate) fn meant(text: &str) -> Option<PageUrl> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || "\"'<>()[]`,;".contains(c));
    let (scheme, rest) = split_scheme(text.strip_prefix("view-source:").unwrap_or(text));
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let rest = &rest[rest[..authority_end].rfind('@').map_or(0, |at| at + 1)..];
    let scheme = scheme.unwrap_or_else(|| if is_near(rest) { "http" } else { "https" });
    let url = PageUrl::parse(&format!("{scheme}://{rest}")).ok()?;
    // A word alone is no host that anybody knows.
    (url.host().contains(['.', ':']) || is_near(rest)).then_some(url)
}

/// The scheme that a text begins with, or nearly, and what is behind it.
fn split_scheme(text: &str) -> (Option<&'static str>, &str) {
    let letters = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, behind) = (text[..letters].to_ascii_lowercase(), &text[letters..]);
    let rest = behind.trim_start_matches([':', '/', '\\', ' ']);
    let separator = &behind[..behind.len() - rest.len()];
    match word.as_str() {
        "http" if !separator.is_empty() => (Some("http"), rest),
        "https" if !separator.is_empty() => (Some("https"), rest),
        _ if separator.starts_with(":/") => (Some("https"), rest),
        _ => (None, text),
    }
}

/// Whether it is a server of somebody's own, where https is not to be expected.
fn is_near(rest: &str) -> bool {
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host == "localhost" || address(host).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_a_url_is_taken_for_it() {
        for (text, url) in [
            ("example.com", "https://example.com/"),
            ("www.example.com/a?b=c#d", "https://www.example.com/a?b=c#d"),
            (" <https://example.com/> ", "https://example.com/"),
            ("\"example.com/a\",", "https://example.com/a"),
            ("htps://example.com", "https://example.com/"),
            ("https//example.com", "https://example.com/"),
            ("https:example.com", "https://example.com/"),
            ("http:/example.com", "http://example.com/"),
            ("http//example.com", "http://example.com/"),
            ("ftp://example.com/a", "https://example.com/a"),
            ("view-source:https://example.com/", "https://example.com/"),
            ("https://ada:s3cret@example.com/a@b", "https://example.com/a@b"),
            ("ada@example.com", "https://example.com/"),
            ("localhost:3000/a", "http://localhost:3000/a"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("//example.com/a", "https://example.com/a"),
        ] {
            assert_eq!(meant(text).map(|url| url.as_str().to_owned()).as_deref(), Some(url), "{text}");
        }
    }

    #[test]
    fn what_is_something_else_is_not() {
        for text in [
            "", " ", "hello", "hello world", "javascript:alert(1)", "about:blank", "data:text/html,x",
            "chrome://settings", "https://", "é", "http://a b.com",
        ] {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}
