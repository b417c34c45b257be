//! `POST /browser/{session_id}/live_view`: a link to a page, for a person.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::{LiveView, LiveViewOptions, LiveViewRequest, Target};

use super::super::{app::App, authority::Base, error::Error, extract::Body};
use crate::{
    chromium::devtools::DevToolsError,
    live_view::links::{self, PageId, View},
    session::sessions::OpenSession,
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, session: OpenSession, Body(wanted): Body<LiveViewRequest>,
) -> Result<Json<LiveView>, Error> {
    let lifetime_ms = links::lifetime_ms("expiresInMs", wanted.expires_in_ms).map_err(Error::BadRequest)?;
    let target = target(&session, wanted.target_id.as_deref()).await?;
    let mode = wanted.mode.unwrap_or_default();
    let view = View { mode, read_only: wanted.guardrails.is_some() };
    let page = PageId { session: session.id, target: &target.id };
    let link = app.links.make(&base.host, page, view, lifetime_ms, app.clock.now());
    Ok(Json(LiveView {
        devtools_frontend_url: link.view(Some(mode)),
        web_socket_debugger_url: link.socket(),
        id: target.id,
        options: LiveViewOptions { mode, guardrails: wanted.guardrails },
    }))
}

/// The one that is asked for, or the first page.
async fn target(session: &OpenSession, id: Option<&str>) -> Result<Target, DevToolsError> {
    match id {
        Some(id) => session.devtools.target(id).await,
        None => first_page(session).await,
    }
}

/// The page that has been open for longest.
pub(super) async fn first_page(session: &OpenSession) -> Result<Target, DevToolsError> {
    let targets = session.devtools.targets().await?;
    // Chromium lists the newest first.
    targets.into_iter().rfind(|target| target.kind == "page").ok_or(DevToolsError::NoSuchTarget)
}
