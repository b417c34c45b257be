//! `GET /status`: what this server has and uses, for whoever watches it. No part of Browser Run's API.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;

use super::super::app::App;
use crate::chromium::processes::{self, Usage};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status {
    version: &'static str,
    now: u64,
    /// Browsers that are started and not asked for yet.
    warm: usize,
    /// Of all open sessions together.
    #[serde(flatten)]
    usage: Usage,
    sessions: Vec<Session>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    session_id: String,
    start_time: u64,
    connected: bool,
    /// Whether it is recorded.
    recording: bool,
    /// As `ps` and `kill` know it.
    process_group: u32,
    #[serde(flatten)]
    usage: Usage,
}

pub(crate) async fn handle(State(app): State<Arc<App>>) -> Json<Status> {
    let known = app.sessions.list().into_iter();
    let open: Vec<_> = known.filter_map(|session| Some((session.lifecycle, session.open?))).collect();
    let groups: Vec<_> = open.iter().map(|(_, session)| session.group).collect();
    let measured = processes::measure(groups.clone()).await;
    let sessions = open.iter().map(|(lifecycle, session)| Session {
        session_id: lifecycle.id().to_string(),
        start_time: lifecycle.started_at_ms(),
        connected: lifecycle.to_wire().is_connected(),
        recording: session.recording.is_some(),
        process_group: session.group,
        usage: measured.of(&[session.group]),
    });
    Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        now: app.clock.now(),
        warm: app.sessions.warm(),
        usage: measured.of(&groups),
        sessions: sessions.collect(),
    })
}
