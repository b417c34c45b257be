//! `GET /api/sessions/{id}`: one of the caller's sessions and its tabs, each with a link minted now.

use super::{Caller, Error, Reply, RequestContext};
use crate::domain::{DevtoolsLink, SessionId, SessionRecord, State, TabRecord};
use crate::http::views::SessionView;
use crate::ledger::FindSession;
use crate::service::open::OpenError;
use browser_run_api::read::Target;

pub(crate) async fn show_session(
    context: &RequestContext<'_>, caller: &Caller, session_id: &str,
) -> Result<Reply, Error> {
    let record = own_session(context, caller, session_id).await?;
    let mut links = Vec::new();
    if record.state == State::Open && context.request.method == "GET" {
        let targets = match context.app.browser_run.targets(&record.session_id).await {
            Ok(targets) => targets,
            Err(error) if error.is_gone() => Vec::new(),
            Err(error) => return Err(OpenError::from(error).into()),
        };
        for tab in &record.tabs {
            links.push(link(context, &record.session_id, tab, &targets).await?);
        }
    }
    Ok(Reply::json(200, &SessionView::new(context.request.origin(), record, links)))
}

/// A session of this caller's. Others' are none of their business: they are not there.
pub(crate) async fn own_session(
    context: &RequestContext<'_>, caller: &Caller, session_id: &str,
) -> Result<SessionRecord, Error> {
    let record = find(context, session_id).await?;
    if record.caller == caller.name { Ok(record) } else { Err(context.request.not_found()) }
}

/// A session of ours, whosever it is.
pub(super) async fn find(context: &RequestContext<'_>, session_id: &str) -> Result<SessionRecord, Error> {
    let record = context.app.ledger.ask(&FindSession { session_id: session_id.into() }).await?;
    let record = record.ok_or_else(|| context.request.not_found())?;
    context.journal.session(&record.session_id);
    Ok(record)
}

/// A tab's link, `None` where the tab is gone.
async fn link(
    context: &RequestContext<'_>, session_id: &SessionId, tab: &TabRecord, targets: &[Target],
) -> Result<Option<String>, Error> {
    let Some(target) = targets.iter().find(|target| target.id == tab.target_id.as_str()) else { return Ok(None) };
    let link = match &target.devtools_frontend_url {
        Some(link) if !tab.view.is_special() => {
            DevtoolsLink::check(Some(link.clone()), &context.app.config.live_view_origins).map_err(OpenError::from)?
        }
        _ => context.app.link(session_id, &tab.target_id, tab.view).await?,
    };
    Ok(Some(link.into_string()))
}
