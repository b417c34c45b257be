//! What the Worker answers, as a plain value: routes make it, one place turns it into a `Response`.

use crate::browser_run::Timing;
use crate::js::{self, Relayed};
use lean_json::ToJson;
use maud::Markup;
use worker::wasm_bindgen::JsValue;
use worker::web_sys::Response;

/// Pages load what is ours, and nothing else; nothing in them runs.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
                           base-uri 'none'; frame-ancestors 'none'";

/// An answer. Nothing that the Worker says may be cached, indexed, or seen as a referrer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// What is passed on instead of a body.
    relayed: Option<Relayed>,
}

impl Reply {
    fn new(status: u16, content_type: &str, body: String) -> Self {
        let reply = Self { status, headers: Vec::new(), body, relayed: None };
        reply
            .with("content-type", content_type)
            .with("cache-control", "no-store")
            .with("referrer-policy", "no-referrer")
            .with("x-robots-tag", "noindex")
            .with("x-content-type-options", "nosniff")
    }

    /// A page for a person.
    pub(crate) fn html(status: u16, page: Markup) -> Self {
        Self::new(status, "text/html; charset=utf-8", page.into_string()).with("content-security-policy", PAGE_POLICY)
    }

    /// A value for a program.
    pub(crate) fn json(status: u16, value: &impl ToJson) -> Self {
        Self::json_as("application/json", status, value)
    }

    /// A text for a program.
    pub(crate) fn text(status: u16, content_type: &str, text: String) -> Self {
        Self::new(status, content_type, text)
    }

    /// JSON that Browser Run has, passed on unread.
    pub(crate) fn relayed(relayed: Relayed) -> Self {
        Self { relayed: Some(relayed), ..Self::new(200, "application/json", String::new()) }
    }

    /// A value for a program, of a type of its own.
    pub(crate) fn json_as(content_type: &str, status: u16, value: &impl ToJson) -> Self {
        Self::new(status, content_type, lean_json::write(value))
    }

    /// Nothing but a status.
    pub(crate) fn empty(status: u16) -> Self {
        Self::new(status, "text/plain", String::new())
    }

    /// The same with each upstream step and its milliseconds: <https://www.w3.org/TR/server-timing/>.
    pub(crate) fn with_server_timing(self, timings: &[Timing]) -> Self {
        let entries = timings.iter().map(|timing| format!("{};dur={}", timing.step, timing.milliseconds));
        self.with("server-timing", entries.collect::<Vec<_>>().join(", "))
    }

    /// The same with one more header, or with another value of one that it has.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    /// A header's value, for tests and the log.
    #[cfg(test)]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The platform's response. `without_body` answers a `HEAD`.
    pub(crate) fn into_response(self, without_body: bool) -> Result<Response, JsValue> {
        let headers = lean_json::write(&self.headers);
        if let Some(relayed) = self.relayed.filter(|_| !without_body) {
            return relayed.respond(self.status, &headers);
        }
        js::respond((!without_body && !self.body.is_empty()).then_some(&self.body), self.status, &headers)
    }
}
