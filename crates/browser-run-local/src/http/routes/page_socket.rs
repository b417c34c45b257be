//! `GET /browser/{session_id}/page/{target_id}` with a WebSocket upgrade: CDP to one page, for bearers of the token.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use browser_run_api::{LiveViewGuardrails, LiveViewMode};

use super::super::{
    app::App,
    authority::Base,
    cdp_socket::{self, Connecting},
    error::Error,
    extract::{HeaderGuardrails, OpenTarget, Socket},
};
use crate::cdp::Filter;

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, OpenTarget { session, target }: OpenTarget,
    HeaderGuardrails(guardrails): HeaderGuardrails<LiveViewGuardrails>, socket: Socket,
) -> Result<Response, Error> {
    let filter = if guardrails.is_some() { Filter::ReadOnly(LiveViewMode::Tab) } else { session.filter() };
    cdp_socket::connect(&app, socket, Connecting { host: base.host, session, page: Some(target.id), filter }).await
}
