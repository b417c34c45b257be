//! `POST /api/sessions`: one click, by a program.

use super::{Caller, Error, Reply, RequestContext, open::open_to_the_end};
use crate::domain::{AttributedClick, Click};
use crate::http::views::OpenedView;
use crate::js;

pub(crate) async fn open_session(context: &RequestContext<'_>, caller: &Caller) -> Result<Reply, Error> {
    let app = &context.app;
    let click = Click::from_json(&context.request.text().await, app.config.defaults)?;
    let url = click.url.clone();
    let opened = open_to_the_end(context, AttributedClick::new(caller.clone(), click)).await?;
    let view = OpenedView::new(context.request.origin(), &opened, url.as_str(), js::now_ms());
    let location = format!("/api/sessions/{}", opened.session_id);
    Ok(Reply::json(201, &view).with("location", location).with_server_timing(&app.browser_run.timings()))
}
