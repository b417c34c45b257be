//! `POST /api/sessions`: one click, by a program.

use crate::app::WorkerApp;
use crate::click::Click;
use crate::error::Error;
use crate::js;
use crate::reply::Reply;
use crate::request::Request;
use crate::routes::open::close_surplus_tabs;
use crate::views::OpenedView;
use std::rc::Rc;
use worker::Context;

pub(crate) async fn open_session(request: &Request, app: &Rc<WorkerApp>, context: &Context) -> Result<Reply, Error> {
    let click = Click::from_json(&request.text().await, app.config.keep_alive_seconds)?;
    let opened = app.open(&request.caller(), &click).await?;
    let view = OpenedView::new(request.origin(), &opened, click.url.as_str(), js::now_ms());
    let location = format!("/api/sessions/{}", opened.session_id);
    close_surplus_tabs(opened, app, context);
    Ok(Reply::json(201, &view).with("location", location).with_server_timing(&app.browser_run.timings()))
}
