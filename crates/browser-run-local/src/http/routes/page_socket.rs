//! `GET /browser/{session_id}/page/{target_id}` with a WebSocket upgrade: CDP to one page, for bearers of the token.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use browser_run_api::{LiveViewGuardrails, LiveViewMode};

use crate::{
    bridge,
    error::Error,
    extract::{HeaderGuardrails, OpenTarget, Socket},
    gate::Gate,
    server::App,
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    OpenTarget { session, target }: OpenTarget,
    HeaderGuardrails(guardrails): HeaderGuardrails<LiveViewGuardrails>,
    socket: Socket,
) -> Result<Response, Error> {
    let url = session.devtools.page_socket(&target.id);
    let gate = if guardrails.is_some() { Gate::ReadOnly(LiveViewMode::Tab) } else { session.gate() };
    bridge::connect(&app, socket, session, &url, gate).await
}
