//! Browser Run's own commands in CDP, `Cloudflare.*`, pure: how they are read, what is wrong with one, how one is answered.
//!
//! Documented: <https://developers.cloudflare.com/browser-run/features/human-in-the-loop/>.

use browser_run_api::{LiveViewMode, number::whole};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// The domain's description, as `json/protocol` has each domain's.
const DESCRIPTION: &str = include_str!("cloudflare.json");

/// How an error's code is told: as Chromium does.
const SERVER_ERROR: i32 = -32_000;
const NO_SUCH_SESSION: i32 = -32_001;
const NO_SUCH_METHOD: i32 = -32_601;
const INVALID_PARAMS: i32 = -32_602;

const MAX_INSTRUCTIONS: usize = 4_096;
/// How many characters the reason of a completion may have.
pub(crate) const MAX_REASON: usize = 1_024;
const MAX_TIMEOUT_MS: u64 = 30 * 60_000;

/// A command, with the parameters that it has been given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    GetSessionId,
    GetLiveView(LiveViewParams),
    Handoff(HandoffParams),
    HandoffComplete(CompleteParams),
    GetHandoffState(TargetParams),
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LiveViewParams {
    pub(crate) target_id: Option<String>,
    pub(crate) mode: Option<LiveViewMode>,
    #[serde(deserialize_with = "whole")]
    pub(crate) expires_in_ms: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HandoffParams {
    pub(crate) target_id: Option<String>,
    pub(crate) instructions: Option<String>,
    /// In milliseconds; without one there is no end.
    #[serde(deserialize_with = "whole")]
    pub(crate) timeout: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CompleteParams {
    pub(crate) target_id: Option<String>,
    /// True when it is absent.
    pub(crate) success: Option<bool>,
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TargetParams {
    pub(crate) target_id: Option<String>,
}

/// Why a command is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandError {
    code: i32,
    message: String,
}

impl CommandError {
    /// What was asked for cannot be done now.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { code: SERVER_ERROR, message: message.into() }
    }

    pub(crate) fn no_such_session() -> Self {
        Self { code: NO_SUCH_SESSION, message: "Session with given id not found.".to_owned() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { code: INVALID_PARAMS, message: format!("Invalid parameters: {}", message.into()) }
    }
}

/// A command as a client sent it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    id: Value,
    /// The attached session that it is for.
    pub(crate) session: Option<String>,
    pub(crate) command: Result<Command, CommandError>,
}

impl Call {
    /// Reads a message; none when it is for Chromium.
    pub(crate) fn read(message: &str) -> Option<Self> {
        // Most messages are not, and some are large.
        if !message.contains("Cloudflare.") {
            return None;
        }
        let mut message: Map<String, Value> = serde_json::from_str(message).ok()?;
        let method = message.get("method")?.as_str()?.strip_prefix("Cloudflare.")?.to_owned();
        let params = message.remove("params").unwrap_or_else(|| json!({}));
        let session = message.get("sessionId").and_then(Value::as_str).map(str::to_owned);
        Some(Self { id: message.remove("id").unwrap_or_default(), session, command: Command::read(&method, params) })
    }

    /// What the client is told.
    pub(crate) fn answer(&self, result: Result<Value, CommandError>) -> String {
        let mut answer = match result {
            Ok(result) => json!({"id": self.id, "result": result}),
            Err(CommandError { code, message }) => json!({"id": self.id, "error": {"code": code, "message": message}}),
        };
        if let Some(session) = &self.session {
            answer["sessionId"] = session.as_str().into();
        }
        answer.to_string()
    }
}

impl Command {
    fn read(method: &str, params: Value) -> Result<Self, CommandError> {
        match method {
            "getSessionId" => Ok(Self::GetSessionId),
            "getLiveView" => Ok(Self::GetLiveView(read_params(params)?)),
            "handoff" => Ok(Self::Handoff(checked_handoff(read_params(params)?)?)),
            "handoffComplete" => Ok(Self::HandoffComplete(checked_complete(read_params(params)?)?)),
            "getHandoffState" => Ok(Self::GetHandoffState(read_params(params)?)),
            _ => Err(CommandError { code: NO_SUCH_METHOD, message: format!("'Cloudflare.{method}' wasn't found") }),
        }
    }
}

fn read_params<T: DeserializeOwned>(params: Value) -> Result<T, CommandError> {
    if !params.is_object() {
        return Err(CommandError::invalid("object expected"));
    }
    serde_json::from_value(params).map_err(|error| CommandError::invalid(error.to_string()))
}

fn checked_handoff(params: HandoffParams) -> Result<HandoffParams, CommandError> {
    at_most("instructions", params.instructions.as_deref(), MAX_INSTRUCTIONS)?;
    match params.timeout {
        Some(timeout) if !(1..=MAX_TIMEOUT_MS).contains(&timeout) => {
            Err(CommandError::invalid(format!("timeout must be from 1 to {MAX_TIMEOUT_MS} milliseconds")))
        }
        _ => Ok(params),
    }
}

fn checked_complete(params: CompleteParams) -> Result<CompleteParams, CommandError> {
    at_most("reason", params.reason.as_deref(), MAX_REASON)?;
    Ok(params)
}

fn at_most(name: &str, text: Option<&str>, limit: usize) -> Result<(), CommandError> {
    if text.is_some_and(|text| text.chars().nth(limit).is_some()) {
        return Err(CommandError::invalid(format!("{name} must have at most {limit} characters")));
    }
    Ok(())
}

/// `Cloudflare.handoffComplete` for a session (none: the connection's own target).
pub(crate) fn handoff_complete(params: &Value, session: Option<&str>) -> String {
    let mut event = json!({"method": "Cloudflare.handoffComplete", "params": params});
    if let Some(session) = session {
        event["sessionId"] = session.into();
    }
    event.to_string()
}

/// Chromium's description of the protocol, and ours.
pub(crate) fn described(mut protocol: Value) -> Value {
    if let Some(domains) = protocol["domains"].as_array_mut() {
        domains.push(serde_json::from_str(DESCRIPTION).expect("our own description is JSON"));
    }
    protocol
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: Value) -> Call {
        Call::read(&message.to_string()).unwrap()
    }

    fn error(method: &str, params: Value) -> CommandError {
        read(json!({"id": 1, "method": method, "params": params})).command.unwrap_err()
    }

    #[test]
    fn commands_are_read_with_their_session_and_answered_in_it() {
        let call = read(json!({"id": 7, "method": "Cloudflare.handoff", "sessionId": "s",
            "params": {"instructions": "Log in", "timeout": 600_000.0, "unknown": 1}}));
        let params = HandoffParams { target_id: None, instructions: Some("Log in".to_owned()), timeout: Some(600_000) };
        assert_eq!((call.session.as_deref(), &call.command), (Some("s"), &Ok(Command::Handoff(params))));
        let answer: Value = serde_json::from_str(&call.answer(Ok(json!({"x": 1})))).unwrap();
        assert_eq!(answer, json!({"id": 7, "sessionId": "s", "result": {"x": 1}}));
        let call = read(json!({"id": 8, "method": "Cloudflare.getSessionId"}));
        assert_eq!((call.session.as_deref(), &call.command), (None, &Ok(Command::GetSessionId)));
        let answer: Value = serde_json::from_str(&call.answer(Err(CommandError::refused("no")))).unwrap();
        assert_eq!(answer, json!({"id": 8, "error": {"code": -32_000, "message": "no"}}));
    }

    #[test]
    fn messages_for_chromium_are_left_to_it() {
        for message in [
            r#"{"id":1,"method":"Page.enable"}"#,
            r#"{"id":1,"method":"Runtime.evaluate","params":{"expression":"'Cloudflare.handoff'"}}"#,
            "Cloudflare.",
            r#"["Cloudflare.handoff"]"#,
            r#"{"id":1,"method":7,"x":"Cloudflare."}"#,
        ] {
            assert_eq!(Call::read(message), None, "{message}");
        }
    }

    #[test]
    fn parameters_that_are_wrong_are_named() {
        let long = |length| "ü".repeat(length);
        for (method, params, says) in [
            ("Cloudflare.handoff", json!({"instructions": long(4_097)}), "instructions must have at most 4096"),
            ("Cloudflare.handoff", json!({"instructions": 5}), "expected a string"),
            ("Cloudflare.handoff", json!({"timeout": 1_800_001}), "timeout must be from 1 to 1800000"),
            ("Cloudflare.handoff", json!({"timeout": 0}), "timeout must be from 1 to 1800000"),
            ("Cloudflare.handoff", json!([]), "Invalid parameters"),
            ("Cloudflare.handoffComplete", json!({"reason": long(1_025)}), "reason must have at most 1024"),
            ("Cloudflare.getLiveView", json!({"mode": "x"}), "expected one of `devtools`, `tab`, `full`"),
        ] {
            let CommandError { code, message } = error(method, params.clone());
            assert!(code == -32_602 && message.contains(says), "{method} {params}: {code} {message}");
        }
        assert_eq!(error("Cloudflare.launch", json!({})).code, -32_601);
        let most = json!({"id": 1, "method": "Cloudflare.handoff",
            "params": {"instructions": long(4_096), "timeout": 1_800_000}});
        assert!(read(most).command.is_ok());
    }

    #[test]
    fn the_protocols_description_has_every_command_and_the_event() {
        let described = described(json!({"version": {}, "domains": [{"domain": "Page"}]}));
        let domain = &described["domains"][1];
        let names = |key: &str| -> Vec<_> {
            domain[key].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
        };
        let commands = ["getSessionId", "getLiveView", "handoff", "handoffComplete", "getHandoffState"];
        assert_eq!(
            (domain["domain"].as_str(), names("commands")),
            (Some("Cloudflare"), commands.map(str::to_owned).into())
        );
        assert_eq!(names("events"), ["handoffComplete"]);
        for command in commands {
            assert!(read(json!({"id": 1, "method": format!("Cloudflare.{command}")})).command.is_ok(), "{command}");
        }
    }
}
