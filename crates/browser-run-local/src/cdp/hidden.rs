//! What clients of a recorded session do not see: the world that the recorder runs in, and its script. Pure.

use std::collections::HashSet;

use serde_json::Value;

/// The name of the recorder's world.
pub(crate) const WORLD: &str = "browser-run-local-recorder";
/// What the recorder's script is called.
pub(crate) const SCRIPT_URL: &str = "browser-run-local:recorder";

/// How Chromium writes the events that tell of them.
const EVENTS: [&str; 3] = [
    r#"{"method":"Runtime.executionContext"#,
    r#"{"method":"Debugger.scriptParsed""#,
    r#"{"method":"Debugger.scriptFailedToParse""#,
];

/// The recorder's worlds that one connection would have heard of.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    /// The CDP session of each, and its id there.
    worlds: HashSet<(Option<String>, u64)>,
}

impl Hidden {
    /// Whether Chromium's message is about the recorder.
    pub(crate) fn hides(&mut self, message: &str) -> bool {
        // Most messages are something else, and some are large.
        if !EVENTS.iter().any(|event| message.starts_with(event)) {
            return false;
        }
        let Ok(event) = serde_json::from_str::<Value>(message) else { return false };
        let params = &event["params"];
        let session = event["sessionId"].as_str().map(str::to_owned);
        match event["method"].as_str().unwrap_or_default() {
            "Runtime.executionContextCreated" if params["context"]["name"] == WORLD => {
                self.worlds.extend(params["context"]["id"].as_u64().map(|id| (session, id)));
                true
            }
            "Runtime.executionContextDestroyed" => {
                params["executionContextId"].as_u64().is_some_and(|id| self.worlds.remove(&(session, id)))
            }
            "Runtime.executionContextsCleared" => {
                self.worlds.retain(|(of, _)| *of != session);
                false
            }
            "Debugger.scriptParsed" | "Debugger.scriptFailedToParse" => params["url"] == SCRIPT_URL,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(name: &str, session: &str) -> String {
        format!(
            r#"{{"method":"Runtime.executionContextCreated","params":{{"context":{{"id":3,"name":"{name}"}}}},"sessionId":"{session}"}}"#
        )
    }

    fn destroyed(session: &str) -> String {
        format!(
            r#"{{"method":"Runtime.executionContextDestroyed","params":{{"executionContextId":3}},"sessionId":"{session}"}}"#
        )
    }

    #[test]
    fn the_recorders_world_is_hidden_from_its_start_to_its_end() {
        let mut hidden = Hidden::default();
        assert!(!hidden.hides(&created("", "a")) && !hidden.hides(&created("utility", "a")));
        assert!(hidden.hides(&created(WORLD, "a")));
        assert!(!hidden.hides(&destroyed("b")), "another session's world of the same number");
        assert!(hidden.hides(&destroyed("a")) && !hidden.hides(&destroyed("a")));
        hidden.hides(&created(WORLD, "a"));
        assert!(!hidden.hides(r#"{"method":"Runtime.executionContextsCleared","params":{},"sessionId":"a"}"#));
        assert!(!hidden.hides(&destroyed("a")), "its number is free again");
    }

    #[test]
    fn its_script_is_hidden_and_no_other() {
        let parsed =
            |url: &str| format!(r#"{{"method":"Debugger.scriptParsed","params":{{"scriptId":"1","url":"{url}"}}}}"#);
        let mut hidden = Hidden::default();
        assert!(hidden.hides(&parsed(SCRIPT_URL)) && !hidden.hides(&parsed("http://a/b.js")));
        assert!(!hidden.hides(&format!(r#"{{"id":1,"result":{{"url":"{SCRIPT_URL}"}}}}"#)));
    }
}
