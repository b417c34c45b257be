//! `POST /api/sessions`: one click, by a program.

use crate::caller::Caller;
use crate::click::Click;
use crate::error::Error;
use crate::js;
use crate::reply::Reply;
use crate::router::Visit;
use crate::routes::open::open_to_the_end;
use crate::views::OpenedView;

pub(crate) async fn open_session(visit: &Visit<'_>, caller: &Caller) -> Result<Reply, Error> {
    let app = &visit.app;
    let click = Click::from_json(&visit.request.text().await, app.config.keep_alive_seconds)?;
    let opened = open_to_the_end(visit, caller, &click, None).await?;
    let view = OpenedView::new(visit.request.origin(), &opened, click.url.as_str(), js::now_ms());
    let location = format!("/api/sessions/{}", opened.session_id);
    Ok(Reply::json(201, &view).with("location", location).with_server_timing(&app.browser_run.timings()))
}
