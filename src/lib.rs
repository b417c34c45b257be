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

use worker::{Context, Env, ScheduleContext, ScheduledEvent, event, web_sys};

#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> worker::Result<web_sys::Response> {
    let request = http::Request::new(request);
    let reply = http::route(&request, &env, &context).await;
    Ok(reply.into_response(request.method == "HEAD")?)
}

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    service::sweep::run(&env).await;
}
