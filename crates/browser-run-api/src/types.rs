//! Wire types. Field names are camelCase on the wire; times are epoch milliseconds, durations milliseconds.
//!
//! Optional fields are left out when there is nothing to say, never `null`: the strict official SDKs read them.

use std::{error::Error, fmt, str::FromStr};

use lean_json::{FromJson, Reader, ToJson, Writer, Wrong};
use serde::{Deserialize, Serialize};

use crate::number::whole;

/// The answer to `POST /browser`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Acquired {
    /// A UUID.
    pub session_id: String,
    /// Where a CDP client connects to the whole browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_socket_debugger_url: Option<String>,
    /// With `targets=true`: never empty, since a session starts with one `about:blank` page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<Vec<Target>>,
}

/// A tab, or another thing that CDP can attach to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// 32 hexadecimal digits.
    pub id: String,
    /// `page`, `iframe`, `service_worker`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it is now.
    pub url: String,
    /// The page's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Mostly empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A credential, made with this answer and good for five minutes. Its inner `?jwt=` is not percent-encoded:
    /// pass the URL on as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devtools_frontend_url: Option<String>,
    /// The same credential, for a CDP client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_socket_debugger_url: Option<String>,
}

/// A session, open or ended, of anybody on the account: it carries no owner and no tag.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// A UUID.
    pub session_id: String,
    /// When the browser started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<u64>,
    /// When it ended: absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<u64>,
    /// When this record last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<u64>,
    /// Present while somebody is connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// When the last connection began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_start_time: Option<u64>,
    /// When the last connection ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_end_time: Option<u64>,
    /// Why it ended, as a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_reason: Option<u32>,
    /// Why it ended: `NormalClosure`, `BrowserIdle`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_reason_text: Option<String>,
    /// A link to the session's first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devtools_frontend_url: Option<String>,
    /// Where a CDP client connects to the whole browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_socket_debugger_url: Option<String>,
}

impl Session {
    /// Whether somebody is connected right now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        is_connected(self.connection_start_time, self.connection_end_time, self.connection_id.is_some())
    }
}

/// Whether somebody is connected, by when the last connection began and ended and whether one is named.
pub(crate) fn is_connected(start: Option<u64>, end: Option<u64>, is_named: bool) -> bool {
    match (start, end) {
        (Some(start), Some(end)) => end < start,
        (Some(_), None) => true,
        (None, _) => is_named,
    }
}

/// The answer to `DELETE /browser/{session_id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// How far it is.
    pub status: CloseState,
}

/// How far closing a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloseState {
    /// It will end soon.
    Closing,
    /// It has ended.
    Closed,
}

/// What `POST /browser` may be given in its body: the hosts that the browser may reach.
///
/// Both lists form one. With neither there are no guardrails; an empty list lets nothing through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToJson)]
#[serde(rename_all = "camelCase")]
pub struct Guardrails {
    /// At most 50 host names, each with at most one `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_domains: Option<Vec<String>>,
    /// At most 4 names of lists kept elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_domain_sets: Option<Vec<String>>,
}

/// What `POST …/live_view` may be given in its body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToJson)]
#[serde(rename_all = "camelCase")]
pub struct LiveViewRequest {
    /// `devtools` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<LiveViewMode>,
    /// How long the link can start a connection: 60 000–3 600 000 ms, 300 000 when absent.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<u64>,
    /// The first page when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<String>,
    /// What the link's holder may not do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardrails: Option<LiveViewGuardrails>,
}

/// What a live view shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LiveViewMode {
    /// The page inside Chrome DevTools.
    #[default]
    Devtools,
    /// The page alone.
    Tab,
    /// The page below a tab strip and an address bar.
    Full,
}

impl LiveViewMode {
    /// As requests, answers and links have it: `devtools`, `tab`, `full`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Devtools => "devtools",
            Self::Tab => "tab",
            Self::Full => "full",
        }
    }
}

/// A text that is no [`LiveViewMode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownMode;

impl fmt::Display for UnknownMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not one of devtools, tab, full")
    }
}

impl Error for UnknownMode {}

impl FromStr for LiveViewMode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        let modes = [Self::Devtools, Self::Tab, Self::Full];
        modes.into_iter().find(|mode| mode.as_str() == text).ok_or(UnknownMode)
    }
}

impl FromJson for LiveViewMode {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        reader.text()?.parse().map_err(|unknown: UnknownMode| Wrong::new(unknown.to_string()))
    }
}

impl ToJson for LiveViewMode {
    fn to_json(&self, json: &mut Writer) {
        json.text(self.as_str());
    }
}

/// A live view's restriction: `{"mode": "readonly"}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToJson)]
pub struct LiveViewGuardrails {
    /// The only mode there is.
    pub mode: ReadOnly,
}

/// Navigation, input and evaluation are blocked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToJson)]
#[serde(rename_all = "lowercase")]
pub enum ReadOnly {
    /// `readonly`
    #[default]
    ReadOnly,
}

/// The answer to `POST …/live_view`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveView {
    /// The target's id.
    pub id: String,
    /// See [`Target::devtools_frontend_url`].
    pub devtools_frontend_url: String,
    /// See [`Target::web_socket_debugger_url`].
    pub web_socket_debugger_url: String,
    /// What was asked for.
    pub options: LiveViewOptions,
}

/// The options of a [`LiveView`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveViewOptions {
    /// What it shows.
    pub mode: LiveViewMode,
    /// Its restriction, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardrails: Option<LiveViewGuardrails>,
}

/// The answer to `json/activate` and `json/close`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// For a person.
    pub message: String,
}

/// The answer to `json/version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// `Chrome/156.0.8078.73`
    #[serde(rename = "Browser")]
    pub browser: String,
    /// `1.3`
    #[serde(rename = "Protocol-Version")]
    pub protocol_version: String,
    /// As pages see it.
    #[serde(rename = "User-Agent")]
    pub user_agent: String,
    /// V8's version.
    #[serde(rename = "V8-Version")]
    pub v8_version: String,
    /// Blink's version.
    #[serde(rename = "WebKit-Version")]
    pub webkit_version: String,
    /// Where a CDP client connects to the whole browser.
    #[serde(rename = "webSocketDebuggerUrl")]
    pub web_socket_debugger_url: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// <https://developers.cloudflare.com/browser-run/cdp/session-management/>
    #[test]
    fn the_documented_target_is_read_and_its_link_kept_byte_for_byte() {
        let link = "https://live.browser.run/ui/view?wss=live.browser.run/api/devtools/browser/\
            1909cef7-23e8-4394-bc31-27404bf4348f/page/8E598E996530FB09E46A22B8B7754F7F?jwt=a.b.c";
        let documented = json!({
            "id": "8E598E996530FB09E46A22B8B7754F7F", "type": "page", "url": "https://example.com",
            "title": "Example Domain", "description": "", "devtoolsFrontendUrl": link,
            "webSocketDebuggerUrl": "wss://live.browser.run/api/devtools/browser/s/page/t?jwt=a.b.c",
        });
        let target: Target = serde_json::from_value(documented.clone()).unwrap();
        assert_eq!(target.devtools_frontend_url.as_deref(), Some(link));
        assert_eq!(serde_json::to_value(target).unwrap(), documented);
    }

    /// <https://developers.cloudflare.com/browser-run/cdp/session-management/>
    #[test]
    fn the_documented_acquisition_is_read() {
        let documented = r#"{"sessionId":"1909cef7-23e8-4394-bc31-27404bf4348f",
            "webSocketDebuggerUrl":"wss://api.cloudflare.com/client/v4/accounts/a/browser-rendering/devtools/browser/s"}"#;
        let acquired: Acquired = serde_json::from_str(documented).unwrap();
        assert_eq!(acquired.session_id, "1909cef7-23e8-4394-bc31-27404bf4348f");
        assert_eq!(acquired.targets, None);
    }

    #[test]
    fn absent_fields_are_left_out_and_close_states_are_lower_case() {
        let session = Session { session_id: "s".to_owned(), end_time: Some(1), ..Session::default() };
        assert_eq!(serde_json::to_string(&session).unwrap(), r#"{"sessionId":"s","endTime":1}"#);
        let closing = Closing { status: CloseState::Closing };
        assert_eq!(serde_json::to_string(&closing).unwrap(), r#"{"status":"closing"}"#);
    }

    #[test]
    fn a_read_only_live_view_is_asked_for_as_documented() {
        let request = LiveViewRequest {
            mode: Some(LiveViewMode::Tab),
            guardrails: Some(LiveViewGuardrails::default()),
            ..LiveViewRequest::default()
        };
        assert_eq!(serde_json::to_value(request).unwrap(), json!({"mode": "tab", "guardrails": {"mode": "readonly"}}));
    }

    #[test]
    fn a_modes_text_is_the_same_in_queries_and_in_json() {
        for mode in [LiveViewMode::Devtools, LiveViewMode::Tab, LiveViewMode::Full] {
            assert_eq!(mode.as_str().parse(), Ok(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
        }
        for text in ["", "Tab", "tabs"] {
            assert_eq!(text.parse::<LiveViewMode>(), Err(UnknownMode), "{text}");
        }
    }

    #[test]
    fn a_session_is_connected_from_a_connection_start_to_its_end() {
        let session =
            |start, end| Session { connection_start_time: start, connection_end_time: end, ..Session::default() };
        assert!(!session(None, None).is_connected());
        assert!(session(Some(1), None).is_connected());
        assert!(!session(Some(1), Some(2)).is_connected());
        assert!(session(Some(3), Some(2)).is_connected(), "connected again");
    }
}
