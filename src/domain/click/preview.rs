//! Requests to a link that are no click: what chats, mail scanners, browsers and other sites' pages fetch on their own. None
//! of them opens a browser.

mod agents;

/// Whether a request to a link is a person's click, or a program's that means it, as far as its headers tell.
///
/// `has_fetch_metadata`: whether browsers say there what a request is for. Elsewhere, over plain http, a page's image is the
/// same request as a person's click, and as curl's: nothing is a click.
pub(crate) fn is_click(method: &str, has_fetch_metadata: bool, header: impl Fn(&str) -> Option<String>) -> bool {
    let agent = header("user-agent").unwrap_or_default().to_ascii_lowercase();
    // A GET with an origin is a script's, or a WebSocket's, which carries no sec-fetch-*: navigations have none.
    if method == "HEAD" || header("origin").is_some() || is_ahead_of_time(&header) || agents::is_bot(&agent) {
        return false;
    }
    // Browsers send both of these; Node's `fetch` sends `sec-fetch-mode` alone.
    if ["sec-fetch-site", "sec-fetch-dest"].into_iter().any(|name| header(name).is_some()) {
        return is_navigation(&header) && is_begun_by_a_person(&agent, &header);
    }
    has_fetch_metadata && !agents::is_browser(&agent) && !agents::is_app(&agent)
}

fn is_ahead_of_time(header: impl Fn(&str) -> Option<String>) -> bool {
    let purposes = ["sec-purpose", "purpose", "x-purpose", "x-moz"].into_iter().filter_map(header);
    purposes.map(|purpose| purpose.to_ascii_lowercase()).any(|purpose| {
        ["prefetch", "prerender", "preview"].into_iter().any(|ahead_of_time| purpose.contains(ahead_of_time))
    })
}

fn is_navigation(header: impl Fn(&str) -> Option<String>) -> bool {
    header("sec-fetch-mode").as_deref() == Some("navigate") && header("sec-fetch-dest").as_deref() == Some("document")
}

/// Typed, bookmarked, from another app (`none`), from a page of ours, or by a gesture on another page. Safari never says
/// whether there was one: there it is taken for granted.
fn is_begun_by_a_person(agent: &str, header: impl Fn(&str) -> Option<String>) -> bool {
    matches!(header("sec-fetch-site").as_deref(), Some("none" | "same-origin"))
        || header("sec-fetch-user").as_deref() == Some("?1")
        || agents::is_webkit(agent)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
    const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                          Version/18.4 Safari/605.1.15";
    const OLD_SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
                              Gecko) Version/15.6 Mobile/15E148 Safari/604.1";
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

    fn is_click_at(has_fetch_metadata: bool, headers: &[(&str, &str)]) -> bool {
        let header = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        is_click("GET", has_fetch_metadata, header)
    }

    fn navigates(agent: &str, site: &str, user: Option<&str>) -> bool {
        let mut headers = vec![
            ("user-agent", agent),
            ("sec-fetch-site", site),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        headers.extend(user.map(|user| ("sec-fetch-user", user)));
        is_click_at(true, &headers)
    }

    #[test]
    fn people_and_programs_click() {
        for agent in [CHROME, SAFARI, FIREFOX] {
            assert!(navigates(agent, "cross-site", Some("?1")) && navigates(agent, "none", None), "{agent}");
            assert!(navigates(agent, "same-origin", None), "{agent}");
        }
        let android = "Mozilla/5.0 (Linux; Android 12; CUBOT X50) AppleWebKit/537.36 Chrome/156.0 Mobile Safari";
        assert!(navigates(android, "none", None), "a name that ends in `bot`");
        assert!(is_click_at(true, &[]));
        for agent in ["curl/8.5.0", "Wget/1.21.4", "python-requests/2.32.3", "Go-http-client/2.0", OLD_SAFARI] {
            assert!(is_click_at(true, &[("user-agent", agent)]), "{agent}");
        }
        assert!(is_click_at(true, &[("user-agent", "node"), ("sec-fetch-mode", "cors")]), "Node's fetch");
    }

    #[test]
    fn a_navigation_that_no_gesture_began_is_no_click_where_browsers_say_so() {
        for site in ["cross-site", "same-site"] {
            for agent in [CHROME, FIREFOX, ""] {
                assert!(!navigates(agent, site, None), "{site}: {agent}");
            }
            assert!(navigates(SAFARI, site, None), "Safari never says so");
        }
    }

    #[test]
    fn a_browser_that_sends_no_fetch_metadata_is_none() {
        let edge = format!("{CHROME} Edg/156.0.0.0");
        for agent in [CHROME, FIREFOX, edge.as_str()] {
            assert!(!is_click_at(true, &[("user-agent", agent)]), "{agent}");
        }
    }

    #[test]
    fn where_browsers_say_nothing_no_get_is_a_click() {
        for agent in [CHROME, SAFARI, FIREFOX, "curl/8.5.0", ""] {
            assert!(!is_click_at(false, &[("user-agent", agent)]), "{agent}");
        }
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
            let click = [("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
            assert!(!is_click_at(true, &[&[(name, value)], &click[..]].concat()), "{name}: {value}");
        }
        assert!(!is_click("HEAD", true, |_| None));
    }
}
