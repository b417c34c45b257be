//! `GET /session`: the open sessions, newest first. Clients take every entry for one that runs.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::{Session, number::whole};
use futures_util::future::join_all;
use serde::Deserialize;

use super::super::{app::App, authority::Base, extract::Params};
use super::session::describe;

#[derive(Deserialize)]
pub(crate) struct Part {
    #[serde(default, deserialize_with = "whole")]
    limit: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    offset: Option<u64>,
}

pub(crate) async fn handle(State(app): State<Arc<App>>, base: Base, Params(part): Params<Part>) -> Json<Vec<Session>> {
    let count = |wanted: Option<u64>, default| wanted.map_or(default, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let (offset, limit) = (count(part.offset, 0), count(part.limit, usize::MAX));
    let open = app.sessions.list().into_iter().filter(|session| session.open.is_some());
    let sessions = open.skip(offset).take(limit);
    Json(join_all(sessions.map(|session| describe(&app, &base, session))).await)
}
