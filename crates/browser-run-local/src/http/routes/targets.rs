//! `GET /browser/{session_id}/json/list`, and `/json`: what is open, each with a fresh link.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::Target;

use super::super::{app::App, authority::Base, error::Error, extract::LinkLifetimeMs};
use crate::session::sessions::OpenSession;

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, session: OpenSession, LinkLifetimeMs(lifetime_ms): LinkLifetimeMs,
) -> Result<Json<Vec<Target>>, Error> {
    let targets = session.devtools.targets().await?;
    let now_ms = app.clock.now();
    Ok(Json(
        targets
            .into_iter()
            .map(|target| app.links.with_links(&base.host, session.id, target, lifetime_ms, now_ms))
            .collect(),
    ))
}
