//! `GET /api/sessions/{id}`: one session and its tabs, each with a link minted now.

use crate::app::WorkerApp;
use crate::error::Error;
use crate::ledger::State;
use crate::link::Link;
use crate::reply::Reply;
use crate::request::Request;
use crate::views::SessionView;

pub(crate) async fn show_session(request: &Request, app: &WorkerApp, session_id: &str) -> Result<Reply, Error> {
    let not_found = || Error::NotFound { path: request.path().to_owned() };
    let record = app.ledger.find(session_id).await?.ok_or_else(not_found)?;
    let mut links = Vec::new();
    if record.state == State::Open {
        let targets = match app.browser_run.targets(session_id).await {
            Ok(targets) => targets,
            Err(error) if error.is_gone() => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        for tab in &record.tabs {
            let target = targets.iter().find(|target| target.id == tab.target_id);
            let link = target.and_then(|target| target.devtools_frontend_url.clone());
            links.push(link.map(|link| Link::check(Some(link), &app.config.live_view_origins)).transpose()?);
        }
    }
    let links = links.into_iter().map(|link| link.map(Link::into_string)).collect();
    Ok(Reply::json(200, &SessionView::new(request.origin(), record, links)))
}
