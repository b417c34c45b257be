//! `GET /browser/{session_id}/json/list`, and `/json`: what is open, each with a fresh link.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::Target;

use crate::{authority::Base, error::Error, extract::LinkLifetime, server::App, sessions::OpenSession};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    base: Base,
    session: OpenSession,
    LinkLifetime(lifetime): LinkLifetime,
) -> Result<Json<Vec<Target>>, Error> {
    let targets = session.devtools.targets().await?;
    let now = app.clock.now();
    Ok(Json(targets.into_iter().map(|target| app.links.link(&base, session.id, target, lifetime, now)).collect()))
}
