//! `/s/{session}` and `/s/{session}/{target}`: the link to put into a bug report. `GET` leads to DevTools on that tab
//! for as long as the session lives, `POST` opens the same page again once it has ended.

use crate::app::WorkerApp;
use crate::click::{Click, ClickRequest};
use crate::error::Error;
use crate::ledger::{SessionRecord, State, TabRecord};
use crate::reply::Reply;
use crate::request::Request;
use crate::routes::open;
use std::rc::Rc;
use worker::Context;

/// Redirects to a link minted now; 410 when the session, or the tab, has ended.
pub(crate) async fn follow(
    request: &Request,
    app: &Rc<WorkerApp>,
    session_id: &str,
    target_id: Option<&str>,
) -> Result<Reply, Error> {
    let record = find(request, app, session_id).await?;
    let ended = |reason: Option<String>| Error::Ended {
        url: tab(&record, target_id).map_or(&record.url, |tab| &tab.url).clone(),
        ended_at_ms: record.ended_at_ms,
        reason: reason.or_else(|| record.end_reason.clone()).unwrap_or_else(|| "tab_closed".to_owned()),
    };
    let Some(tab) = tab(&record, target_id).filter(|_| record.state == State::Open) else { return Err(ended(None)) };
    if request.method == "HEAD" {
        return Ok(Reply::empty(200));
    }
    let options = ClickRequest::defaults(app.config.keep_alive_seconds);
    match app.link(session_id, &tab.target_id, &options).await {
        Ok(link) => {
            app.ledger.touch(session_id, Some(&tab.target_id)).await?;
            Ok(open::redirect(302, &link, session_id, &tab.target_id).with_server_timing(&app.browser_run.timings()))
        }
        Err(error) if error.is_gone() => {
            app.ledger.tab_gone(session_id, &tab.target_id).await?;
            Err(ended(Some("tab_closed".to_owned())))
        }
        Err(error) => Err(error),
    }
}

/// Opens the same page again, as a new click.
pub(crate) async fn reopen(
    request: &Request,
    app: &Rc<WorkerApp>,
    context: &Context,
    session_id: &str,
    target_id: Option<&str>,
) -> Result<Reply, Error> {
    let record = find(request, app, session_id).await?;
    let click = Click {
        url: tab(&record, target_id).map_or(&record.url, |tab| &tab.url).clone(),
        options: ClickRequest::defaults(record.keep_alive_seconds),
        fresh: false,
    };
    open::answer(303, &click, request, app, context).await
}

async fn find(request: &Request, app: &WorkerApp, session_id: &str) -> Result<SessionRecord, Error> {
    let not_found = || Error::NotFound { path: request.path().to_owned() };
    app.ledger.find(session_id).await?.ok_or_else(not_found)
}

/// The tab that is asked for: the one clicked last where none is named.
fn tab<'a>(record: &'a SessionRecord, target_id: Option<&str>) -> Option<&'a TabRecord> {
    match target_id {
        Some(target_id) => record.tabs.iter().find(|tab| tab.target_id == target_id),
        None => record.tabs.iter().max_by_key(|tab| tab.clicked_at_ms),
    }
}
