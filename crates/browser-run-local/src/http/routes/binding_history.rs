//! `GET /v1/history`: the open sessions and those that ended within the last hour, as a Workers binding lists them.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::Session;
use serde::Serialize;

use super::super::app::App;

#[derive(Serialize)]
pub(crate) struct Recent {
    /// Newest first.
    history: Vec<Session>,
}

pub(crate) async fn handle(State(app): State<Arc<App>>) -> Json<Recent> {
    Json(Recent { history: app.sessions.list().iter().map(|session| session.lifecycle.to_wire()).collect() })
}
