//! Clicks that are not clicks: what chats, mail scanners and browsers fetch on their own. None of it opens a browser.

mod agents;

/// Whether a request to a link is a person's click, as far as its headers tell. A plain `GET` without any of them
/// (curl, older browsers) is one.
pub(crate) fn is_click(method: &str, header: impl Fn(&str) -> Option<String>) -> bool {
    let says = |name: &str, words: &[&str]| {
        header(name).is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            words.iter().any(|word| value.contains(word))
        })
    };
    let is = |name: &str, expected: &str| header(name).is_none_or(|value| value.trim() == expected);
    let ahead_of_time = ["prefetch", "prerender", "preview"];
    method != "HEAD"
        // A GET with an origin is a script's, or a WebSocket's, which carries no sec-fetch-*: navigations have none.
        && header("origin").is_none()
        && !says("sec-purpose", &ahead_of_time)
        && !says("purpose", &ahead_of_time)
        && !says("x-purpose", &ahead_of_time)
        && !says("x-moz", &["prefetch"])
        && is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document")
        && !says("user-agent", agents::PREVIEWS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_click_with(headers: &[(&str, &str)]) -> bool {
        is_click("GET", |name| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn people_and_programs_click() {
        assert!(is_click_with(&[]));
        assert!(is_click_with(&[("user-agent", "curl/8.5.0")]));
        assert!(is_click_with(&[
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-site", "cross-site"),
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"),
        ]));
        assert!(is_click_with(&[(
            "user-agent",
            "Mozilla/5.0 (Linux; Android 12; CUBOT X50) Chrome/156.0 Mobile Safari"
        )]));
    }

    #[test]
    fn what_is_fetched_ahead_of_time_or_as_part_of_a_page_is_no_click() {
        for (name, value) in [
            ("sec-purpose", "prefetch;prerender"),
            ("sec-purpose", "prefetch"),
            ("purpose", "preview"),
            ("x-moz", "prefetch"),
            ("sec-fetch-dest", "image"),
            ("sec-fetch-dest", "iframe"),
            ("sec-fetch-dest", "empty"),
            ("sec-fetch-mode", "no-cors"),
            ("sec-fetch-mode", "cors"),
            ("origin", "https://evil.example"),
        ] {
            assert!(!is_click_with(&[(name, value)]), "{name}: {value}");
        }
        assert!(!is_click("HEAD", |_| None));
    }
}
