//! `GET /browser/{session_id}` with a WebSocket upgrade: CDP to the session's browser.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use browser_run_api::{LiveViewGuardrails, LiveViewMode};

use super::super::{
    app::App,
    authority::Base,
    cdp_socket::{self, Connecting},
    error::Error,
    extract::{HeaderGuardrails, Socket},
};
use crate::{cdp::Filter, session::sessions::OpenSession};

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, session: OpenSession,
    HeaderGuardrails(guardrails): HeaderGuardrails<LiveViewGuardrails>, socket: Socket,
) -> Result<Response, Error> {
    let filter = if guardrails.is_some() { Filter::ReadOnly(LiveViewMode::Full) } else { session.filter() };
    cdp_socket::connect(&app, socket, Connecting { host: base.host, session, page: None, filter }).await
}
