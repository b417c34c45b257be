//! What a CDP connection may say, command by command, pure: everything, or what its link or its session allows.
//!
//! A command that passes a filter is written anew from what the filter understood of it: what Chromium reads is what
//! was decided on, whatever tricks its text plays.

use browser_run_api::LiveViewMode;
use serde_json::{Map, Value, json};

use super::{guarded, read_only};

/// CDP's own code for what the server does not do.
const REFUSED: i32 = -32_000;

/// What is done with a client's message.
#[derive(Debug, PartialEq)]
pub(super) enum Decision {
    /// Chromium is told this.
    Pass(String),
    /// The client is answered this.
    Refuse(String),
}

/// What stands between a client and Chromium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Everything passes: for the session's owner.
    PassAll,
    /// The owner of a session with guardrails, who may do anything but get around them.
    Guarded,
    /// The holder of a read-only link, who may look and nothing else.
    ReadOnly(LiveViewMode),
}

impl Filter {
    /// Decides on a message of a client's. Commands for attached targets (`sessionId`) are treated like any other.
    pub(super) fn decide(self, message: &str) -> Decision {
        if self == Self::PassAll {
            return Decision::Pass(message.to_owned());
        }
        let Ok(Value::Object(mut command)) = serde_json::from_str(message) else {
            return Decision::Refuse(refusal(&Map::new(), "a command is a JSON object"));
        };
        let params = command.remove("params").unwrap_or_else(|| json!({}));
        let (Some(method), Value::Object(params)) = (command.get("method").and_then(Value::as_str), params) else {
            return Decision::Refuse(refusal(&command, "a command has a method, and its params are an object"));
        };
        let (allowed, who) = match self {
            Self::PassAll => (Some(params), ""),
            Self::Guarded => (guarded::allow(method, params), "the session's guardrails do"),
            Self::ReadOnly(mode) => (read_only::allow(mode, method, params), "a read-only live view does"),
        };
        match allowed {
            None => Decision::Refuse(refusal(&command, &format!("{who} not allow {method}"))),
            Some(params) => {
                command.retain(|key, _| ["id", "method", "sessionId"].contains(&key.as_str()));
                command.insert("params".to_owned(), Value::Object(params));
                Decision::Pass(Value::Object(command).to_string())
            }
        }
    }
}

/// An error as CDP has it, for the session of the command.
fn refusal(command: &Map<String, Value>, why: &str) -> String {
    let mut answer = json!({"id": command.get("id"), "error": {"code": REFUSED, "message": why}});
    if let Some(session) = command.get("sessionId") {
        answer["sessionId"] = session.clone();
    }
    answer.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ_ONLY: Filter = Filter::ReadOnly(LiveViewMode::Devtools);

    fn refused(filter: Filter, message: &str) -> Value {
        match filter.decide(message) {
            Decision::Refuse(answer) => serde_json::from_str(&answer).unwrap(),
            Decision::Pass(passed) => panic!("{passed}"),
        }
    }

    fn passed(filter: Filter, message: &str) -> Value {
        match filter.decide(message) {
            Decision::Pass(passed) => serde_json::from_str(&passed).unwrap(),
            Decision::Refuse(answer) => panic!("{answer}"),
        }
    }

    #[test]
    fn a_filter_for_the_owner_reads_nothing() {
        assert_eq!(Filter::PassAll.decide("not JSON"), Decision::Pass("not JSON".to_owned()));
    }

    #[test]
    fn a_refusal_answers_its_command_in_its_session() {
        let answer = refused(READ_ONLY, r#"{"id":7,"method":"Page.navigate","params":{"url":"x:"},"sessionId":"s"}"#);
        assert_eq!((&answer["id"], &answer["sessionId"]), (&json!(7), &json!("s")));
        assert_eq!(answer["error"]["code"], -32_000);
        assert!(answer["error"]["message"].as_str().unwrap().contains("Page.navigate"));
    }

    #[test]
    fn messages_that_are_no_commands_are_refused() {
        for message in ["", "[]", "null", "{}", r#"{"id":1,"method":7}"#, r#"{"method":"Page.enable","params":[]}"#] {
            for filter in [READ_ONLY, Filter::Guarded] {
                assert!(refused(filter, message)["error"].is_object(), "{message}");
            }
        }
    }

    #[test]
    fn chromium_is_told_what_was_decided_on_and_nothing_else() {
        let twice = r#"{"id":1,"method":"Page.navigate","method":"Page.enable","params":{"x":1},"extra":2}"#;
        assert_eq!(passed(READ_ONLY, twice), json!({"id": 1, "method": "Page.enable", "params": {"x": 1}}));
        refused(READ_ONLY, r#"{"id":1,"method":"Page.enable","method":"Page.navigate"}"#);
        refused(READ_ONLY, r#"{"id":1,"method":"Page\u002enavigate"}"#);
        refused(READ_ONLY, r#"{"id":1,"method":"page.Enable"}"#);
    }

    #[test]
    fn commands_of_attached_targets_are_filtered_alike() {
        let in_session = |method: &str| format!(r#"{{"id":1,"method":"{method}","sessionId":"s"}}"#);
        assert_eq!(passed(READ_ONLY, &in_session("DOM.getDocument"))["sessionId"], "s");
        refused(READ_ONLY, &in_session("Runtime.evaluate"));
    }
}
