//! What is awaited of JavaScript: it tells one function, by the call's number. A promise would be two closures for each call,
//! which JavaScript's collector has to know of: 200 µs a click, where this takes 20.

use super::Fetcher;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::closure::Closure;
use worker::web_sys::Response;

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// 0: it failed.
    pub(crate) status: u16,
    /// The `retry-after` of an answer, the name of an error.
    pub(crate) note: Option<String>,
    /// An answer's body, an error's message.
    pub(crate) text: String,
}

/// A call that is under way; dropped, its outcome is nobody's.
pub(crate) struct Awaited(u32);

type Settle = dyn Fn(u32, u16, Option<String>, String);

#[wasm_bindgen(module = "/src/js.js")]
extern "C" {
    #[wasm_bindgen(js_name = exchange)]
    fn begin_exchange(
        settle: &Closure<Settle>, id: u32, binding: Option<&Fetcher>, method: &str, url: &str, token: Option<&str>,
        body: Option<&str>, deadline_ms: u32,
    );

    #[wasm_bindgen(js_name = ask)]
    fn begin_ask(settle: &Closure<Settle>, id: u32, stub: &JsValue, name: &str, input: &str, deadline_ms: u32);

    #[wasm_bindgen(js_name = verify)]
    fn begin_verify(settle: &Closure<Settle>, id: u32, n: &str, e: &str, signature: &[u8], signed: &str);
}

#[wasm_bindgen(module = "/src/relay.js")]
extern "C" {
    #[wasm_bindgen(js_name = relay)]
    fn begin_relay(
        settle: &Closure<Settle>, id: u32, url: &str, token: &str, deadline_ms: u32, raw: bool, network: bool,
    );

    #[wasm_bindgen(js_name = respondRelayed, catch)]
    fn respond_relayed(id: u32, status: u16, headers: &str) -> Result<Response, JsValue>;

    #[wasm_bindgen(js_name = dropRelayed)]
    fn drop_relayed(id: u32);
}

/// A body that a call brings, or has brought: it stays in JavaScript.
#[derive(Debug)]
pub(crate) struct Relayed(u32);

thread_local! {
    /// By their numbers, of which none comes again: of many requests, but a call's outcome wakes its own alone.
    static CALLS: RefCell<Calls> = RefCell::default();
    static SETTLE: Closure<Settle> = Closure::new(settle);
}

#[derive(Default)]
struct Calls {
    last_id: u32,
    /// So few that looking through them is the fastest.
    open: Vec<Call>,
}

struct Call {
    id: u32,
    waker: Option<Waker>,
    outcome: Option<Outcome>,
}

/// Sends one HTTP request, once: through a binding, or to the Internet.
pub(crate) fn exchange(
    binding: Option<&Fetcher>, (method, url): (&str, &str), token: Option<&str>, body: Option<&str>, deadline_ms: u32,
) -> Awaited {
    begin(|settle, id| begin_exchange(settle, id, binding, method, url, token, body, deadline_ms))
}

/// Asks a Durable Object by RPC. A call of its method costs less than a `fetch`, which has a request and a response.
pub(crate) fn ask(stub: &JsValue, name: &str, input: &str, deadline_ms: u32) -> Awaited {
    begin(|settle, id| begin_ask(settle, id, stub, name, input, deadline_ms))
}

/// Asks whether an RSA key has signed a text: `true` or `false`. Its modulus and exponent are base64url.
pub(crate) fn verify((n, e): (&str, &str), signature: &[u8], signed: &str) -> Awaited {
    begin(|settle, id| begin_verify(settle, id, n, e, signature, signed))
}

/// Sends a GET whose answer is passed on, if it is a success, without what is secret in it. `network`: it is about requests,
/// with their headers. `raw`: some of that is left in it.
pub(crate) fn relay(url: &str, token: &str, deadline_ms: u32, raw: bool, network: bool) -> (Awaited, Relayed) {
    let awaited = begin(|settle, id| begin_relay(settle, id, url, token, deadline_ms, raw, network));
    let relayed = Relayed(awaited.0);
    (awaited, relayed)
}

impl Relayed {
    /// A response with this body. `headers`: pairs, as JSON.
    pub(crate) fn respond(self, status: u16, headers: &str) -> Result<Response, JsValue> {
        respond_relayed(self.0, status, headers)
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        drop_relayed(self.0);
    }
}

fn begin(call: impl FnOnce(&Closure<Settle>, u32)) -> Awaited {
    let id = CALLS.with_borrow_mut(Calls::begin);
    SETTLE.with(|settle| call(settle, id));
    Awaited(id)
}

fn settle(id: u32, status: u16, note: Option<String>, text: String) {
    let waker = CALLS.with_borrow_mut(|calls| calls.settle(id, Outcome { status, note, text }));
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl Calls {
    fn begin(&mut self) -> u32 {
        self.last_id += 1;
        self.open.push(Call { id: self.last_id, waker: None, outcome: None });
        self.last_id
    }

    /// Keeps the first outcome; answers whom to wake.
    fn settle(&mut self, id: u32, outcome: Outcome) -> Option<Waker> {
        let call = self.open.iter_mut().find(|call| call.id == id)?;
        call.outcome.get_or_insert(outcome);
        call.waker.take()
    }

    fn poll(&mut self, id: u32, context: &Context<'_>) -> Poll<Outcome> {
        let Some(call) = self.open.iter_mut().find(|call| call.id == id) else { return Poll::Pending };
        if let Some(outcome) = call.outcome.take() {
            return Poll::Ready(outcome);
        }
        call.waker = Some(context.waker().clone());
        Poll::Pending
    }

    fn forget(&mut self, id: u32) {
        if let Some(at) = self.open.iter().position(|call| call.id == id) {
            self.open.swap_remove(at);
        }
    }
}

impl Future for Awaited {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        CALLS.with_borrow_mut(|calls| calls.poll(self.0, context))
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        let id = self.0;
        CALLS.with_borrow_mut(|calls| calls.forget(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str) -> Outcome {
        Outcome { status: 200, note: None, text: text.to_owned() }
    }

    fn poll(calls: &mut Calls, id: u32) -> Option<String> {
        match calls.poll(id, &Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Some(outcome.text),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_call_gets_its_own_first_outcome_and_no_others() {
        let mut calls = Calls::default();
        let [one, other] = [calls.begin(), calls.begin()];
        assert_eq!((poll(&mut calls, one), poll(&mut calls, other)), (None, None));
        assert!(calls.settle(other, outcome("other")).is_some());
        assert!(calls.settle(other, outcome("late")).is_none());
        assert_eq!((poll(&mut calls, one), poll(&mut calls, other)), (None, Some("other".to_owned())));
    }

    #[test]
    fn a_call_that_nobody_awaits_any_more_settles_no_later_one() {
        let mut calls = Calls::default();
        let left = calls.begin();
        calls.forget(left);
        let next = calls.begin();
        assert!(calls.settle(left, outcome("late")).is_none());
        assert_eq!(poll(&mut calls, next), None);
        assert_eq!(calls.open.len(), 1);
    }
}
