//! `GET /browser/{session_id}` with a WebSocket upgrade: CDP to the session's browser.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use browser_run_api::{LiveViewGuardrails, LiveViewMode};

use crate::{
    bridge,
    error::Error,
    extract::{HeaderGuardrails, Socket},
    gate::Gate,
    server::App,
    sessions::OpenSession,
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    session: OpenSession,
    HeaderGuardrails(guardrails): HeaderGuardrails<LiveViewGuardrails>,
    socket: Socket,
) -> Result<Response, Error> {
    let url = session.devtools.browser_socket().to_owned();
    let gate = if guardrails.is_some() { Gate::ReadOnly(LiveViewMode::Full) } else { session.gate() };
    bridge::connect(&app, socket, session, &url, gate).await
}
