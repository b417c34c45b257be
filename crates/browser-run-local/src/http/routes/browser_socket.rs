//! `GET /browser/{session_id}` with a WebSocket upgrade: CDP to the session's browser.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use browser_run_api::{LiveViewGuardrails, LiveViewMode};

use super::super::{
    app::App,
    cdp_socket,
    error::Error,
    extract::{HeaderGuardrails, Socket},
};
use crate::{cdp::Filter, session::sessions::OpenSession};

pub(crate) async fn handle(
    State(app): State<Arc<App>>, session: OpenSession,
    HeaderGuardrails(guardrails): HeaderGuardrails<LiveViewGuardrails>, socket: Socket,
) -> Result<Response, Error> {
    let url = session.devtools.browser_socket().to_owned();
    let filter = if guardrails.is_some() { Filter::ReadOnly(LiveViewMode::Full) } else { session.filter() };
    cdp_socket::connect(&app, socket, session, &url, filter).await
}
