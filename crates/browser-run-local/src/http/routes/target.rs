//! `GET /browser/{session_id}/json/list/{target_id}`: one target, with a fresh link.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::Target;

use crate::{
    authority::Base,
    error::Error,
    extract::{LinkLifetime, OpenTarget},
    server::App,
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    base: Base,
    LinkLifetime(lifetime): LinkLifetime,
    OpenTarget { session, target }: OpenTarget,
) -> Result<Json<Target>, Error> {
    Ok(Json(app.links.link(&base, session.id, target, lifetime, app.clock.now())))
}
