//! One request with its response, as the API shows it, pure.
//!
//! Documented is that there are "available request and response headers, payloads, status codes, timing information, and
//! transfer sizes"; the names are ours:
//! <https://developers.cloudflare.com/browser-run/features/session-recording/#retrieve-network-activity-via-api>.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::timing::Timing;

/// A request, and what became of it. A redirect is one of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Exchange {
    pub(super) request_id: String,
    /// The request of the document that this belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_id: Option<String>,
    /// Milliseconds since 1970.
    pub(super) start_time: f64,
    /// Milliseconds; none where the recording ended first.
    pub(super) duration: Option<f64>,
    pub(super) method: String,
    pub(super) url: String,
    /// As CDP has it: `Document`, `Script`, `Fetch`, `WebSocket`, …
    pub(super) resource_type: String,
    pub(super) priority: String,
    pub(super) initiator: Value,
    pub(super) request: Request,
    /// None where nothing was answered.
    pub(super) response: Option<Response>,
    pub(super) timing: Timing,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// What went over a WebSocket.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) messages: Vec<Message>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Request {
    pub(super) headers: Vec<Header>,
    /// What was sent, where it is small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) status_text: String,
    pub(super) protocol: String,
    pub(super) headers: Vec<Header>,
    pub(super) mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remote_address: Option<String>,
    pub(super) from_cache: bool,
    pub(super) from_service_worker: bool,
    /// Where it redirects to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) redirect_url: Option<String>,
    /// Bytes that came over the network, headers included.
    pub(super) transfer_size: u64,
    /// Of those, the headers' own.
    pub(super) headers_size: u64,
    /// Bytes of the body once it is decompressed.
    pub(super) body_size: u64,
    /// What came, where it is text and small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) value: String,
}

/// A WebSocket's message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    /// `send` or `receive`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Milliseconds since 1970.
    pub(super) time: f64,
    pub(super) opcode: u8,
    /// Base64, where it is no text.
    pub(super) data: String,
}

/// Headers as CDP has them: the lines of one name are one value.
pub(super) fn headers(of: &Value) -> Vec<Header> {
    let all = of.as_object().into_iter().flatten();
    let lines = all.flat_map(|(name, value)| {
        let lines = value.as_str().unwrap_or_default().split('\n');
        lines.map(|value| Header { name: name.clone(), value: value.to_owned() })
    });
    lines.collect()
}

/// The value of a header, whatever its name's case.
pub(super) fn header<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_header_that_came_twice_is_two() {
        let headers = headers(&json!({"Set-Cookie": "a=1\nb=2", "x": "y"}));
        let line = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
        assert_eq!(headers, [line("Set-Cookie", "a=1"), line("Set-Cookie", "b=2"), line("x", "y")]);
        assert_eq!((header(&headers, "X"), header(&headers, "z")), (Some("y"), None));
    }
}
