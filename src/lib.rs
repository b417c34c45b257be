//! devtools-link: one click from any URL to live Chrome DevTools on that page, in a browser that is not yours.
//!
//! A click comes in by [`router`] and [`routes`]; it is a checked [`click::Click`]. [`open`] carries it out: it asks the
//! [`ledger`] what to do, has [`browser_run`] do it, and answers a checked [`link::Link`]. A cron job, [`sweep_cron`],
//! closes what is ours and no longer used.
//!
//! - pure rules: [`click`], [`page_url`], [`query`], [`hosts`], [`preview`], [`link`], [`signed_link`], [`ledger`],
//!   [`sweep`], [`deadlines`]
//! - shells: [`router`], [`routes`], [`request`], [`reply`], [`page`], [`ledger_do`], [`ledger_client`], [`sweep_cron`], [`js`]
//! - [`config`] alone reads variables, secrets and bindings; [`error`] alone turns errors into answers

mod access;
mod app;
mod browser_run;
mod caller;
mod click;
mod config;
mod deadlines;
mod error;
#[cfg(test)]
mod fuzz;
mod hosts;
mod js;
mod ledger;
mod ledger_client;
mod ledger_do;
mod link;
mod open;
mod openapi;
mod page;
mod page_url;
mod preview;
mod query;
mod reply;
mod request;
mod router;
mod routes;
mod signed_link;
mod sweep;
mod sweep_cron;
#[cfg(test)]
mod test_app;
mod time;
mod views;

use worker::{Context, Env, ScheduleContext, ScheduledEvent, event, web_sys};

#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> worker::Result<web_sys::Response> {
    let request = request::Request::new(request);
    let reply = router::route(&request, &env, &context).await;
    Ok(reply.into_response(request.method == "HEAD")?)
}

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    sweep_cron::run(&env).await;
}
