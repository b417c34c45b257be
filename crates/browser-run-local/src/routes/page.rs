//! `GET /browser/{session_id}/page/{target_id}` with a WebSocket upgrade: CDP to one page, for bearers of the token.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use crate::{
    bridge,
    error::Error,
    extract::{OpenTarget, Socket},
    server::App,
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    OpenTarget { session, target }: OpenTarget,
    socket: Socket,
) -> Result<Response, Error> {
    let url = session.devtools.page_socket(&target.id);
    let gate = session.gate();
    bridge::connect(&app, socket, session, &url, gate).await
}
