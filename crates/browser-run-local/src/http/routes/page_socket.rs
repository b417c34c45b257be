//! `GET /browser/{session_id}/page/{target_id}` with a WebSocket upgrade: CDP to one page, for bearers of the token.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use browser_run_api::{LiveViewGuardrails, LiveViewMode};

use super::super::{
    app::App,
    cdp_socket,
    error::Error,
    extract::{HeaderGuardrails, OpenTarget, Socket},
};
use crate::cdp::Filter;

pub(crate) async fn handle(
    State(app): State<Arc<App>>, OpenTarget { session, target }: OpenTarget,
    HeaderGuardrails(guardrails): HeaderGuardrails<LiveViewGuardrails>, socket: Socket,
) -> Result<Response, Error> {
    let url = session.devtools.page_socket(&target.id);
    let filter = if guardrails.is_some() { Filter::ReadOnly(LiveViewMode::Tab) } else { session.filter() };
    cdp_socket::connect(&app, socket, session, &url, filter).await
}
