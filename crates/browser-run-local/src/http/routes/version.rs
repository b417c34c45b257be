//! `GET /browser/{session_id}/json/version`: what the browser is, and where CDP clients reach it.

use axum::Json;
use browser_run_api::Version;

use super::super::authority::Base;
use crate::session::sessions::OpenSession;

pub(crate) async fn handle(base: Base, session: OpenSession) -> Json<Version> {
    let version = session.devtools.version().clone();
    Json(Version { web_socket_debugger_url: base.browser_socket(session.id), ..version })
}
