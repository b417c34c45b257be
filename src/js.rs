//! The few JavaScript functions the Worker calls itself. Those of src/js.js and src/relay.js are its own.
//!
//! Every call between WASM and JavaScript costs more than the work behind it, so these are shaped to be few.

mod awaited;

pub(crate) use awaited::{Outcome, Relayed, ask, exchange, relay, verify};

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasm_bindgen::prelude::wasm_bindgen;
use worker::js_sys::{Function, Promise};
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{Request, Response};

#[wasm_bindgen]
extern "C" {
    /// Whatever has a `fetch`: a binding. The name of its class differs between platforms and is never looked at.
    pub(crate) type Fetcher;

    /// A random UUID.
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    pub(crate) fn random_uuid() -> String;

    #[wasm_bindgen(js_namespace = Date)]
    fn now() -> f64;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

#[wasm_bindgen(module = "/src/js.js")]
extern "C" {
    /// A stub of the Durable Object of a name.
    #[wasm_bindgen(js_name = stubOf, catch)]
    pub(crate) fn stub_of(env: &JsValue, binding: &str, name: &str) -> Result<JsValue, JsValue>;

    /// A request's lines: method, URL, and of each header its name, in lower case, and its value.
    #[wasm_bindgen(js_name = linesOf)]
    pub(crate) fn lines_of(request: &Request) -> String;

    /// A response with a body, or none. `headers`: pairs, as JSON.
    #[wasm_bindgen(catch)]
    pub(crate) fn respond(body: Option<&str>, status: u16, headers: &str) -> Result<Response, JsValue>;
}

/// Resolves after so many milliseconds; dropped before, its timer is cleared. Not `worker::Delay`: that takes a timer's
/// id for a number, which it is no longer (compatibility dates of 2026). Nor `scheduler.wait`: to abort one costs 70 µs.
pub(crate) struct Timer {
    id: JsValue,
    over: JsFuture,
}

impl Timer {
    #[expect(clippy::cast_precision_loss, reason = "a timer's milliseconds are few")]
    pub(crate) fn new(milliseconds: u64) -> Self {
        let mut id = JsValue::UNDEFINED;
        let over = Promise::new(&mut |resolve, _| id = set_timeout(&resolve, milliseconds as f64));
        Self { id, over: over.into() }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.over).poll(context).map(drop)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// The time in epoch milliseconds. It stands still between two I/O operations:
/// <https://developers.cloudflare.com/workers/reference/security-model/#step-1-disallow-timers-and-multi-threading>
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970 fit")]
pub(crate) fn now_ms() -> u64 {
    now() as u64
}
