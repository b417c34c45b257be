//! The real transports. The REST API and the Workers binding are the same `fetch` with another base,
//! one with a token and one without.

use super::{Answer, Call, SendError, Transport};
use crate::js::{self, Fetcher};
use browser_run_api::paths;
use lean_json::ToJson;
use worker::js_sys::{Error as JsError, Object};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys;

/// The host of a binding's requests is never looked up.
const BINDING_ORIGIN: &str = "https://browser-run";

/// `fetch`, aimed at Browser Run.
pub(crate) struct FetchTransport {
    fetcher: Fetcher,
    /// Everything up to and including `…/devtools`.
    base: String,
    token: Option<String>,
}

/// What a `fetch` is made with, beside its signal.
#[derive(ToJson)]
struct Init<'a> {
    method: &'a str,
    headers: Vec<(&'a str, String)>,
    redirect: &'a str,
    body: &'a Option<String>,
}

impl FetchTransport {
    /// Over the REST API of an account.
    pub(crate) fn rest(base_url: &str, account_id: &str, token: &str) -> Self {
        let base = format!("{base_url}{}", paths::fill(paths::PREFIX, &[account_id]));
        Self { fetcher: js::global(), base, token: Some(token.to_owned()) }
    }

    /// Over a Workers binding.
    pub(crate) fn binding(fetcher: Fetcher) -> Self {
        Self { fetcher, base: format!("{BINDING_ORIGIN}{}", paths::BINDING_PREFIX), token: None }
    }

    /// A redirect is not followed: the token is for this host alone.
    fn init(&self, call: &Call) -> Object {
        let authorization = self.token.as_ref().map(|token| ("authorization", format!("Bearer {token}")));
        let content_type = call.body.as_ref().map(|_| ("content-type", "application/json".to_owned()));
        let headers = authorization.into_iter().chain(content_type).collect();
        let init = js::object(&Init { method: call.method, headers, redirect: "manual", body: &call.body });
        js::set(&init, "signal", &js::deadline(call.deadline_ms));
        init
    }

    async fn exchange(&self, call: &Call) -> Result<Answer, JsValue> {
        let promise = self.fetcher.fetch(&format!("{}{}", self.base, call.path), &self.init(call))?;
        let response: web_sys::Response = JsFuture::from(promise).await?.unchecked_into();
        let body = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
        let status = response.status();
        let retry_after = if status == 429 || status == 503 { response.headers().get("retry-after")? } else { None };
        Ok(Answer { status, retry_after, body: self.redact(body) })
    }

    /// What upstream says can reach a caller, so an upstream that echoes the token must not give it away.
    fn redact(&self, text: String) -> String {
        match &self.token {
            Some(token) if text.contains(token.as_str()) => text.replace(token.as_str(), "[redacted]"),
            _ => text,
        }
    }
}

impl Transport for FetchTransport {
    async fn send(&self, call: &Call) -> Result<Answer, SendError> {
        self.exchange(call).await.map_err(|error| {
            let error: JsError = error.unchecked_into();
            if error.name() == "TimeoutError" {
                return SendError::TimedOut;
            }
            SendError::Unreachable(self.redact(error.message().into()))
        })
    }

    fn now_ms(&self) -> u64 {
        js::now_ms()
    }
}
