//! `GET /session`: the sessions, newest first, with those that ended within the last hour.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::Session;
use futures_util::future::join_all;
use serde::Deserialize;

use super::session::describe;
use crate::{authority::Base, extract::Params, server::App};

#[derive(Deserialize)]
pub(crate) struct Part {
    limit: Option<usize>,
    #[serde(default)]
    offset: usize,
}

pub(crate) async fn handle(State(app): State<Arc<App>>, base: Base, Params(part): Params<Part>) -> Json<Vec<Session>> {
    let sessions = app.sessions.list().into_iter().skip(part.offset).take(part.limit.unwrap_or(usize::MAX));
    Json(join_all(sessions.map(|(life, open)| describe(&app, &base, life, open))).await)
}
