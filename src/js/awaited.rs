//! What is awaited of JavaScript: src/js.js numbers each call, and tells by its number what came of it. A promise would be two
//! closures for each call, which JavaScript's collector has to know of: 200 µs a click, where this takes 20.

use super::{Fetcher, Request};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

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

// Each answers with its number, of which none comes again, not even with a new instance.
#[wasm_bindgen(raw_module = "./js.js")]
extern "C" {
    #[wasm_bindgen(js_name = exchange)]
    fn begin_exchange(
        binding: Option<&Fetcher>, method: &str, url: &str, token: Option<&str>, body: Option<&str>, deadline_ms: u32,
    ) -> u32;

    #[wasm_bindgen(js_name = ask)]
    fn begin_ask(stub: &JsValue, name: &str, input: &str, deadline_ms: u32) -> u32;

    #[wasm_bindgen(js_name = verify)]
    fn begin_verify(n: &str, e: &str, signature: &[u8], signed: &str) -> u32;

    #[wasm_bindgen(js_name = textOf)]
    fn begin_text_of(request: &Request) -> u32;

    #[wasm_bindgen(js_name = settled)]
    fn begin_settled(promise: &JsValue) -> u32;

    #[wasm_bindgen(js_name = timer)]
    fn begin_timer(milliseconds: f64) -> u32;
}

#[wasm_bindgen(raw_module = "./relay.js")]
extern "C" {
    #[wasm_bindgen(js_name = relay)]
    fn begin_relay(url: &str, token: &str, deadline_ms: u32, raw: bool, network: bool) -> u32;

    #[wasm_bindgen(js_name = respondRelayed, catch)]
    fn respond_relayed(id: u32, status: u16, headers: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = dropRelayed)]
    fn drop_relayed(id: u32);
}

/// A body that a call brings, or has brought: it stays in JavaScript.
#[derive(Debug)]
pub(crate) struct Relayed(u32);

thread_local! {
    /// Of many requests, but a call's outcome wakes its own alone.
    static CALLS: RefCell<Calls> = RefCell::default();
}

#[derive(Default)]
struct Calls {
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
    Awaited::new(begin_exchange(binding, method, url, token, body, deadline_ms))
}

/// Asks a Durable Object by RPC. A call of its method costs less than a `fetch`, which has a request and a response.
pub(crate) fn ask(stub: &JsValue, name: &str, input: &str, deadline_ms: u32) -> Awaited {
    Awaited::new(begin_ask(stub, name, input, deadline_ms))
}

/// Asks whether an RSA key has signed a text: `true` or `false`. Its modulus and exponent are base64url.
pub(crate) fn verify((n, e): (&str, &str), signature: &[u8], signed: &str) -> Awaited {
    Awaited::new(begin_verify(n, e, signature, signed))
}

/// Reads a request's body as text.
pub(crate) fn text_of(request: &Request) -> Awaited {
    Awaited::new(begin_text_of(request))
}

/// Sends a GET whose answer is passed on, if it is a success, without what is secret in it. `network`: it is about requests,
/// with their headers. `raw`: some of that is left in it.
pub(crate) fn relay(url: &str, token: &str, deadline_ms: u32, raw: bool, network: bool) -> (Awaited, Relayed) {
    let awaited = Awaited::new(begin_relay(url, token, deadline_ms, raw, network));
    let relayed = Relayed(awaited.0);
    (awaited, relayed)
}

impl Relayed {
    /// A response with this body. `headers`: pairs, as JSON.
    pub(crate) fn respond(self, status: u16, headers: &str) -> Result<JsValue, JsValue> {
        respond_relayed(self.0, status, headers)
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        drop_relayed(self.0);
    }
}

/// Waits for a promise.
pub(crate) fn settled(promise: &JsValue) -> Awaited {
    Awaited::new(begin_settled(promise))
}

#[expect(clippy::cast_precision_loss, reason = "a timer's milliseconds are few")]
pub(super) fn timer(milliseconds: u64) -> Awaited {
    Awaited::new(begin_timer(milliseconds as f64))
}

/// Keeps a call's outcome, and wakes who waits for it.
pub(crate) fn settle(id: u32, outcome: Outcome) {
    let waker = CALLS.with_borrow_mut(|calls| calls.settle(id, outcome));
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl Awaited {
    fn new(id: u32) -> Self {
        CALLS.with_borrow_mut(|calls| calls.begin(id));
        Self(id)
    }

    pub(super) fn id(&self) -> u32 {
        self.0
    }
}

impl Calls {
    fn begin(&mut self, id: u32) {
        self.open.push(Call { id, waker: None, outcome: None });
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
        let [one, other] = [1, 2];
        calls.begin(one);
        calls.begin(other);
        assert_eq!((poll(&mut calls, one), poll(&mut calls, other)), (None, None));
        assert!(calls.settle(other, outcome("other")).is_some());
        assert!(calls.settle(other, outcome("late")).is_none());
        assert_eq!((poll(&mut calls, one), poll(&mut calls, other)), (None, Some("other".to_owned())));
    }

    #[test]
    fn a_call_that_nobody_awaits_any_more_settles_no_later_one() {
        let mut calls = Calls::default();
        let [left, next] = [1, 2];
        calls.begin(left);
        calls.forget(left);
        calls.begin(next);
        assert!(calls.settle(left, outcome("late")).is_none());
        assert_eq!(poll(&mut calls, next), None);
        assert_eq!(calls.open.len(), 1);
    }
}
