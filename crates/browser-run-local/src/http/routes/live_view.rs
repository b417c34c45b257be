//! `POST /browser/{session_id}/live_view`: a link to a page, for a person.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::{LiveView, LiveViewOptions, LiveViewRequest, Target};
use uuid::Uuid;

use super::super::{app::App, authority::Base, error::Error, extract::Body};
use crate::{
    chromium::devtools::DevToolsError,
    clock::Millis,
    live_view::links::{self, PageId, View},
    session::sessions::OpenSession,
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, session: OpenSession, Body(wanted): Body<LiveViewRequest>,
) -> Result<Json<LiveView>, Error> {
    // What is wrong with the request is told before what is wrong with its target.
    lifetime_ms(&wanted)?;
    let target = target(&session, wanted.target_id.as_deref()).await?;
    make(&app, &base.host, session.id, target.id, wanted).map(Json)
}

/// A link to a target of a session, on this server, `host`.
///
/// # Errors
/// When it is to last too short or too long.
pub(crate) fn make(
    app: &App, host: &str, session: Uuid, target: String, wanted: LiveViewRequest,
) -> Result<LiveView, Error> {
    let mode = wanted.mode.unwrap_or_default();
    let view = View { mode, read_only: wanted.guardrails.is_some() };
    let page = PageId { session, target: &target };
    let link = app.links.make(host, page, view, lifetime_ms(&wanted)?, app.clock.now());
    Ok(LiveView {
        devtools_frontend_url: link.view(Some(mode)),
        web_socket_debugger_url: link.socket(),
        id: target,
        options: LiveViewOptions { mode, guardrails: wanted.guardrails },
    })
}

fn lifetime_ms(wanted: &LiveViewRequest) -> Result<Option<Millis>, Error> {
    links::lifetime_ms("expiresInMs", wanted.expires_in_ms).map_err(Error::BadRequest)
}

/// The one that is asked for, or the first page.
async fn target(session: &OpenSession, id: Option<&str>) -> Result<Target, DevToolsError> {
    match id {
        Some(id) => session.devtools.target(id).await,
        None => first_page(session).await,
    }
}

/// The page that has been open for longest.
pub(crate) async fn first_page(session: &OpenSession) -> Result<Target, DevToolsError> {
    let targets = session.devtools.targets().await?;
    // Chromium lists the newest first.
    targets.into_iter().rfind(|target| target.kind == "page").ok_or(DevToolsError::NoSuchTarget)
}
