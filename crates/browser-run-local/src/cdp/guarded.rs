//! Commands that would get around a session's guardrails, pure.
//!
//! The session's owner drives the browser as they like; its proxy decides what it reaches. What is refused here would
//! reach something without the proxy.

use serde_json::{Map, Value};

/// Raw access: to the machine's ports, to CDP from within a page, to extensions (which can choose a proxy), and CDP
/// inside of messages, where no filter reads it.
const REFUSED: [&str; 5] = [
    "Tethering.bind",
    "Target.exposeDevToolsProtocol",
    "Target.sendMessageToTarget",
    "Extensions.loadUnpacked",
    "Browser.executeBrowserCommand",
];

/// What a tab may be sent to: what the proxy sees, and what reaches nothing.
const SCHEMES: [&str; 6] = ["http", "https", "about", "blob", "data", "javascript"];

/// The parameters with which a command is allowed, if it is.
pub(super) fn allow(method: &str, params: Map<String, Value>) -> Option<Map<String, Value>> {
    let allowed = match method {
        "Target.createBrowserContext" => {
            !["proxyServer", "proxyBypassList"].iter().any(|key| params.contains_key(*key))
        }
        // Without a flattened session, commands travel inside of messages.
        "Target.attachToTarget" | "Target.setAutoAttach" => params.get("flatten") == Some(&Value::Bool(true)),
        "Page.navigate" | "Target.createTarget" => {
            params.get("url").and_then(Value::as_str).is_none_or(has_network_url)
        }
        _ => !REFUSED.contains(&method),
    };
    allowed.then_some(params)
}

/// Whether a tab may be opened here: `file:` and `chrome:` reach what no proxy sees.
pub(crate) fn has_network_url(url: &str) -> bool {
    // What is no absolute URL is taken for a host's name, or leads nowhere.
    url::Url::parse(url.trim()).map_or(true, |url| SCHEMES.contains(&url.scheme()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn allowed(method: &str, params: Value) -> bool {
        let Value::Object(params) = params else { panic!("{params}") };
        allow(method, params).is_some()
    }

    #[test]
    fn owners_may_do_as_they_like() {
        assert!(allowed("Runtime.evaluate", json!({"expression": "1"})));
        assert!(allowed("Page.navigate", json!({"url": "https://example.com/"})));
        assert!(allowed("Target.createTarget", json!({"url": "about:blank"})));
        assert!(allowed("Target.createBrowserContext", json!({"disposeOnDetach": true})));
        assert!(allowed("Target.attachToTarget", json!({"targetId": "t", "flatten": true})));
    }

    #[test]
    fn commands_that_get_around_the_proxy_are_refused() {
        assert!(!allowed("Target.createBrowserContext", json!({"proxyServer": "direct://"})));
        assert!(!allowed("Target.createBrowserContext", json!({"proxyBypassList": "*"})));
        for url in ["file:///etc/passwd", " FILE:/x", "chrome://net-internals", "view-source:file:///x", "ftp://a"] {
            assert!(!allowed("Page.navigate", json!({"url": url})), "{url}");
            assert!(!allowed("Target.createTarget", json!({"url": url})), "{url}");
        }
        assert!(!allowed("Target.exposeDevToolsProtocol", json!({})));
    }

    #[test]
    fn commands_cannot_hide_inside_of_messages() {
        assert!(!allowed("Target.sendMessageToTarget", json!({"message": "{}"})));
        assert!(!allowed("Target.attachToTarget", json!({"targetId": "t"})));
        assert!(!allowed("Target.setAutoAttach", json!({"autoAttach": true, "flatten": false})));
    }
}
