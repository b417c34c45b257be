//! devtools-link: one click from any URL to live Chrome DevTools on that page, in a browser that is not yours.
//!
//! Each room may use those below it, and none above:
//!
//! - `http`: what comes in and goes out: routes, requests, answers, pages, errors
//! - `service`: what is done: a click opened, sessions closed, the clean-up
//! - `ledger`: which sessions are ours, kept by a Durable Object · `browser_run`: the client of Browser Run's API
//! - `config`: the only reader of variables, secrets and bindings · `js`: the only caller of JavaScript functions
//! - `log`: the log · `chaos`: ten thousand bad days of all of them, for tests
//! - `domain`: what a click is, where it may lead, who may, the clean-up's plan: pure rules over plain values
#![cfg_attr(target_arch = "wasm32", deny(clippy::use_debug))] // No `Debug` is deployed: xtask/bindgen/src/lean.rs

mod browser_run;
#[cfg(test)]
mod chaos;
mod config;
mod domain;
mod http;
mod js;
mod ledger;
mod log;
mod service;

use js::{Context, Env};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// In 1 KiB; std's own has 4.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// When an instance begins: the first, or one after a panic.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| log::error("panicked", &panic.to_string())));
    wasm_bindgen::handler::set_on_abort(js::ended);
}

/// Answers a request with a promise of its response.
#[must_use]
#[wasm_bindgen]
pub fn fetch(request: js::Request, env: Env, context: Context) -> JsValue {
    js::run(|| {
        js::promised(async move {
            let request = http::Request::new(request);
            let reply = http::route(&request, &env, &context).await;
            reply.into_response(request.method == "HEAD")
        })
    })
}

/// Cleans up, and answers with a promise to be done with it.
#[must_use]
#[wasm_bindgen]
pub fn scheduled(env: Env) -> JsValue {
    js::run(|| {
        js::promised(async move {
            service::sweep::run(&env).await;
            Ok(JsValue::UNDEFINED)
        })
    })
}

/// Tells what came of a call: src/js.js does, once for each, and never within the call.
#[wasm_bindgen]
pub fn settle(id: u32, status: u16, note: Option<String>, text: String) {
    js::run(|| js::settle(id, js::Outcome { status, note, text }));
}
