//! `GET /browser/{session_id}/json/list/{target_id}`: one target, with a fresh link.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::Target;

use super::super::{
    app::App,
    authority::Base,
    error::Error,
    extract::{LinkLifetimeMs, OpenTarget},
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, LinkLifetimeMs(lifetime_ms): LinkLifetimeMs,
    OpenTarget { session, target }: OpenTarget,
) -> Result<Json<Target>, Error> {
    Ok(Json(app.links.with_links(&base.host, session.id, target, lifetime_ms, app.clock.now())))
}
