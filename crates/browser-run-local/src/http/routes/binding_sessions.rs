//! `GET /v1/sessions`: the open sessions, as a Workers binding lists them.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::Session;
use serde::Serialize;

use super::super::app::App;

#[derive(Serialize)]
pub(crate) struct Running {
    /// Newest first.
    sessions: Vec<Session>,
}

pub(crate) async fn handle(State(app): State<Arc<App>>) -> Json<Running> {
    let open = app.sessions.list().into_iter().filter(|session| session.open.is_some());
    Json(Running { sessions: open.map(|session| session.lifecycle.to_wire()).collect() })
}
