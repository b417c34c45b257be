//! `/?url=…` and `/https://…`: one click, answered with a redirect to DevTools.

use crate::app::WorkerApp;
use crate::click::{Click, InvalidClick};
use crate::error::Error;
use crate::link::Link;
use crate::open::Opened;
use crate::page;
use crate::reply::Reply;
use crate::request::Request;
use crate::views::permalink;
use std::rc::Rc;
use worker::Context;

/// Reads the click: the `?url=` form, which takes options, or the prefix form. `None` when the path is no URL.
pub(crate) fn read(request: &Request, app: &WorkerApp) -> Option<Result<Click, InvalidClick>> {
    let default_keep_alive = app.config.keep_alive_seconds;
    match request.path() {
        "/" => Some(Click::from_query(request.query(), default_keep_alive)),
        _ => Click::from_path(&request.target[1..], default_keep_alive),
    }
}

/// Opens what a click asks for and redirects there.
pub(crate) async fn answer(
    status: u16,
    click: &Click,
    request: &Request,
    app: &Rc<WorkerApp>,
    context: &Context,
) -> Result<Reply, Error> {
    let opened = app.open(&request.caller(), click).await?;
    let reply = redirect(status, &opened.link, &opened.session_id, &opened.target_id);
    close_surplus_tabs(opened, app, context);
    Ok(reply.with_server_timing(&app.browser_run.timings()))
}

/// A redirect to a link, with the permalink beside it.
pub(crate) fn redirect(status: u16, link: &Link, session_id: &str, target_id: &str) -> Reply {
    Reply::html(status, page::redirect(link.as_str()))
        .with("location", link.as_str())
        .with("content-location", permalink(session_id, Some(target_id)))
}

/// Closes what is one too many, the page that a new session starts with say, without delaying the answer.
pub(crate) fn close_surplus_tabs(opened: Opened, app: &Rc<WorkerApp>, context: &Context) {
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
