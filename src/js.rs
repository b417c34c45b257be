//! The few JavaScript functions the Worker calls itself. Those of src/js.js and src/relay.js are its own.
//!
//! Every call between WASM and JavaScript costs more than the work behind it, so these are shaped to be few.

mod awaited;
mod tasks;

pub(crate) use awaited::{Awaited, Outcome, Relayed, ask, exchange, relay, settle, settled, text_of, verify};
pub(crate) use tasks::{run, spawn};

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The variables, secrets and bindings.
    #[derive(Clone)]
    pub type Env;
    #[wasm_bindgen(method, structural, indexing_getter)]
    pub(crate) fn get(this: &Env, name: &str) -> JsValue;

    /// A request's: it ends when what it waits for has ended.
    pub type Context;
    #[wasm_bindgen(method, js_name = waitUntil)]
    pub(crate) fn wait_until_settled(this: &Context, promise: &JsValue);

    /// A request, as the platform has it.
    pub type Request;

    /// Whatever has a `fetch`: a binding. The name of its class differs between platforms and is never looked at.
    pub(crate) type Fetcher;

    /// A random UUID.
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    pub(crate) fn random_uuid() -> String;

    /// What a value is as text; of an error its name and message.
    #[wasm_bindgen(js_name = String)]
    pub(crate) fn as_text(value: &JsValue) -> String;

    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub(crate) fn console_log(line: &str);
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    pub(crate) fn console_error(line: &str);

    #[wasm_bindgen(js_namespace = Date)]
    fn now() -> f64;

    /// A promise, and what settles it.
    type Deferred;
    #[wasm_bindgen(js_namespace = Promise, js_name = withResolvers)]
    fn deferred() -> Deferred;
    #[wasm_bindgen(method, getter)]
    fn promise(this: &Deferred) -> JsValue;
    #[wasm_bindgen(method)]
    fn resolve(this: &Deferred, value: &JsValue);
    #[wasm_bindgen(method)]
    fn reject(this: &Deferred, error: &JsValue);
}

#[wasm_bindgen(raw_module = "./js.js")]
extern "C" {
    /// Says that this instance has ended. It can't say more: each call out of it ends the handler that calls.
    pub(crate) fn ended();

    /// A stub of the Durable Object of a name.
    #[wasm_bindgen(js_name = stubOf, catch)]
    pub(crate) fn stub_of(env: &Env, binding: &str, name: &str) -> Result<JsValue, JsValue>;

    /// A request's lines: method, URL, and of each header its name, in lower case, and its value.
    #[wasm_bindgen(js_name = linesOf)]
    pub(crate) fn lines_of(request: &Request) -> String;

    /// A body that is sent while it is written. Whoever has left is not written to, and nobody is told.
    pub(crate) type Pieces;
    #[wasm_bindgen(constructor)]
    pub(crate) fn new() -> Pieces;
    #[wasm_bindgen(method)]
    pub(crate) fn write(this: &Pieces, text: &str);
    /// There is no more.
    #[wasm_bindgen(method)]
    pub(crate) fn close(this: &Pieces);
    /// What is read of it.
    #[derive(Debug)]
    pub(crate) type Readable;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn readable(this: &Pieces) -> Readable;

    #[wasm_bindgen(js_name = respond, catch)]
    pub(crate) fn respond_in_pieces(body: &Readable, status: u16, headers: &str) -> Result<JsValue, JsValue>;

    /// A response with a body, or none. `headers`: pairs, as JSON.
    #[wasm_bindgen(catch)]
    pub(crate) fn respond(body: Option<&str>, status: u16, headers: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = clearTimer)]
    fn clear_timer(id: u32);
}

/// A promise of what comes of a future.
pub(crate) fn promised(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> JsValue {
    let deferred = deferred();
    let promise = deferred.promise();
    spawn(async move {
        match future.await {
            Ok(value) => deferred.resolve(&value),
            Err(error) => deferred.reject(&error),
        }
    });
    promise
}

impl Context {
    /// Goes on with something to its end, though the request has been answered, or who sent it has left.
    pub(crate) fn wait_until(&self, future: impl Future<Output = ()> + 'static) {
        self.wait_until_settled(&promised(async move {
            future.await;
            Ok(JsValue::UNDEFINED)
        }));
    }
}

/// Resolves after so many milliseconds; dropped before, its timer is cleared. Not `scheduler.wait`: to abort one costs 70 µs.
pub(crate) struct Timer(Awaited);

impl Timer {
    pub(crate) fn new(milliseconds: u64) -> Self {
        Self(awaited::timer(milliseconds))
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(context).map(drop)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timer(self.0.id());
    }
}

/// The time in epoch milliseconds. It stands still between two I/O operations:
/// <https://developers.cloudflare.com/workers/reference/security-model/#step-1-disallow-timers-and-multi-threading>
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970 fit")]
pub(crate) fn now_ms() -> u64 {
    now() as u64
}
