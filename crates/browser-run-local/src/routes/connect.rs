//! `GET /browser/{session_id}` with a WebSocket upgrade: CDP to the session's browser.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use crate::{bridge, error::Error, extract::Socket, server::App, sessions::OpenSession};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    session: OpenSession,
    socket: Socket,
) -> Result<Response, Error> {
    let url = session.devtools.browser_socket().to_owned();
    let gate = session.gate();
    bridge::connect(&app, socket, session, &url, gate).await
}
