//! `GET /v1/limits`: what the account may use, as a Workers binding asks for it.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;

use super::super::app::App;
use crate::session::limits::OverLimit;

/// What is said instead of "no limit": clients read a number.
const UNLIMITED: u32 = u32::MAX;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Limits {
    active_sessions: Vec<Active>,
    max_concurrent_sessions: usize,
    /// 1 when a browser may be acquired now, else 0.
    allowed_browser_acquisitions: u8,
    /// In milliseconds: 0 when one may be acquired now.
    time_until_next_allowed_browser_acquisition: u64,
}

#[derive(Serialize)]
struct Active {
    id: String,
}

pub(crate) async fn handle(State(app): State<Arc<App>>) -> Json<Limits> {
    let allowance = app.sessions.allowance();
    let open = app.sessions.list().into_iter().filter_map(|session| session.open);
    let wait_seconds = allowance.next.err().map_or(0, OverLimit::retry_after_seconds);
    Json(Limits {
        active_sessions: open.map(|session| Active { id: session.id.to_string() }).collect(),
        max_concurrent_sessions: allowance.at_once.unwrap_or(UNLIMITED as usize),
        allowed_browser_acquisitions: allowance.next.is_ok().into(),
        time_until_next_allowed_browser_acquisition: wait_seconds * 1_000,
    })
}
