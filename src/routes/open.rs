//! `GET /?url=…` and `GET /https://…`: one click, answered with a redirect to DevTools.

use crate::app::WorkerApp;
use crate::browser_run::Timing;
use crate::click::{Click, InvalidClick};
use crate::error::Error;
use crate::open::Opened;
use crate::page;
use crate::reply::Reply;
use crate::request::Request;
use std::rc::Rc;
use worker::Context;

/// The `?url=` form, which takes options.
pub(crate) async fn by_query(request: &Request, app: &Rc<WorkerApp>, context: &Context) -> Result<Reply, Error> {
    open(Click::from_query(request.query(), app.config.keep_alive_seconds), request, app, context).await
}

/// The prefix form. `None` when the path does not begin like a URL.
pub(crate) async fn by_path(request: &Request, app: &Rc<WorkerApp>, context: &Context) -> Option<Result<Reply, Error>> {
    let click = Click::from_path(&request.target[1..], app.config.keep_alive_seconds)?;
    Some(open(click, request, app, context).await)
}

async fn open(
    click: Result<Click, InvalidClick>,
    request: &Request,
    app: &Rc<WorkerApp>,
    context: &Context,
) -> Result<Reply, Error> {
    let opened = app.open(&request.caller(), &click?).await?;
    let reply = redirect(&opened, &app.browser_run.timings());
    close_surplus_tabs(opened, app, context);
    Ok(reply)
}

fn redirect(opened: &Opened, timings: &[Timing]) -> Reply {
    let link = opened.link.as_str();
    Reply::html(302, page::redirect(link)).with("location", link).with("server-timing", server_timing(timings))
}

/// Each upstream step and its milliseconds: <https://www.w3.org/TR/server-timing/>.
fn server_timing(timings: &[Timing]) -> String {
    let entries: Vec<_> = timings.iter().map(|timing| format!("{};dur={}", timing.step, timing.milliseconds)).collect();
    entries.join(", ")
}

/// The page that a new session starts with, say: closed without delaying the answer.
fn close_surplus_tabs(opened: Opened, app: &Rc<WorkerApp>, context: &Context) {
    if opened.surplus_tabs.is_empty() {
        return;
    }
    let app = Rc::clone(app);
    context.wait_until(async move {
        for target_id in &opened.surplus_tabs {
            // A tab that stays open costs nothing: its session is closed all the same.
            drop(app.browser_run.close_tab(&opened.session_id, target_id).await);
        }
    });
}
