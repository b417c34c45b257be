//! Which target each CDP session of a connection is attached to, read from what Chromium says to the client, pure.

use std::collections::HashMap;

use serde_json::Value;

/// How Chromium writes the events that are read here.
const EVENT: &str = r#"{"method":"Target."#;

/// A connection's sessions, with the id of each one's target.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    /// The connection's own target, when it is a page's.
    page: Option<String>,
    targets: HashMap<String, String>,
}

impl Attached {
    /// A connection to a page, or to the browser.
    pub(crate) fn of(page: Option<String>) -> Self {
        Self { page, targets: HashMap::new() }
    }

    /// Takes what Chromium says.
    pub(crate) fn hear(&mut self, message: &str) {
        // Most messages are something else, and some are large.
        if !message.starts_with(EVENT) {
            return;
        }
        let Ok(event) = serde_json::from_str::<Value>(message) else { return };
        let params = &event["params"];
        let Some(session) = params["sessionId"].as_str() else { return };
        match (event["method"].as_str(), params["targetInfo"]["targetId"].as_str()) {
            (Some("Target.attachedToTarget"), Some(target)) => {
                self.targets.insert(session.to_owned(), target.to_owned());
            }
            (Some("Target.detachedFromTarget"), _) => drop(self.targets.remove(session)),
            _ => {}
        }
    }

    pub(crate) fn has(&self, session: &str) -> bool {
        self.targets.contains_key(session)
    }

    /// The target of a session, or of the connection itself; the browser has none.
    pub(crate) fn target(&self, session: Option<&str>) -> Option<&str> {
        match session {
            Some(session) => self.targets.get(session).map(String::as_str),
            None => self.page.as_deref(),
        }
    }

    /// The sessions that are attached to a target; none is the connection itself.
    pub(crate) fn sessions(&self, target: &str) -> Vec<Option<String>> {
        let own = (self.page.as_deref() == Some(target)).then_some(None);
        let attached = self.targets.iter().filter(|(_, attached)| *attached == target);
        own.into_iter().chain(attached.map(|(session, _)| Some(session.clone()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached_to(session: &str, target: &str) -> String {
        format!(
            r#"{{"method":"Target.attachedToTarget","params":{{"sessionId":"{session}","targetInfo":{{"targetId":"{target}"}}}}}}"#
        )
    }

    #[test]
    fn a_session_has_its_target_from_its_attachment_to_its_detachment() {
        let mut attached = Attached::of(None);
        attached.hear(&attached_to("s", "t"));
        assert_eq!((attached.has("s"), attached.target(Some("s")), attached.target(None)), (true, Some("t"), None));
        assert_eq!(attached.sessions("t"), [Some("s".to_owned())]);
        attached.hear(r#"{"method":"Target.detachedFromTarget","params":{"sessionId":"s","targetId":"t"}}"#);
        assert!(!attached.has("s") && attached.sessions("t").is_empty());
        attached.hear(r#"{"method":"Target.attachedToTarget"#);
        attached.hear(&format!(r#"{{"id":1,"result":{}}}"#, attached_to("s", "t")));
        assert!(!attached.has("s"), "an answer is no event");
    }

    #[test]
    fn a_pages_connection_is_a_session_of_its_own() {
        let mut attached = Attached::of(Some("t".to_owned()));
        assert_eq!((attached.target(None), attached.sessions("t")), (Some("t"), vec![None]));
        attached.hear(&attached_to("s", "t"));
        assert_eq!(attached.sessions("t"), [None, Some("s".to_owned())]);
    }
}
