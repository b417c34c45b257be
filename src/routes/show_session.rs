//! `GET /api/sessions/{id}`: one of the caller's sessions and its tabs, each with a link minted now.

use crate::caller::Caller;
use crate::error::Error;
use crate::ledger::{SessionRecord, State, TabRecord};
use crate::link::Link;
use crate::reply::Reply;
use crate::router::Visit;
use crate::views::SessionView;
use browser_run_api::read::Target;

pub(crate) async fn show_session(visit: &Visit<'_>, caller: &Caller, session_id: &str) -> Result<Reply, Error> {
    let record = own_session(visit, caller, session_id).await?;
    let mut links = Vec::new();
    if record.state == State::Open && visit.request.method == "GET" {
        let targets = match visit.app.browser_run.targets(session_id).await {
            Ok(targets) => targets,
            Err(error) if error.is_gone() => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        for tab in &record.tabs {
            links.push(link(visit, session_id, tab, &targets).await?);
        }
    }
    Ok(Reply::json(200, &SessionView::new(visit.request.origin(), record, links)))
}

/// A session of this caller's. Others' are none of their business: they are not there.
pub(crate) async fn own_session(visit: &Visit<'_>, caller: &Caller, session_id: &str) -> Result<SessionRecord, Error> {
    let record = visit.app.ledger.find(session_id).await?;
    record.filter(|record| record.caller == caller.name).ok_or_else(|| visit.request.not_found())
}

/// A tab's link, `None` where the tab is gone.
async fn link(
    visit: &Visit<'_>,
    session_id: &str,
    tab: &TabRecord,
    targets: &[Target],
) -> Result<Option<String>, Error> {
    let Some(target) = targets.iter().find(|target| target.id == tab.target_id) else { return Ok(None) };
    let link = match &target.devtools_frontend_url {
        Some(link) if !tab.view.is_special() => Link::check(Some(link.clone()), &visit.app.config.live_view_origins)?,
        _ => visit.app.link(session_id, &tab.target_id, tab.view).await?,
    };
    Ok(Some(link.into_string()))
}
