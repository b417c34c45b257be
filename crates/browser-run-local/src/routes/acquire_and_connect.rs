//! `GET /browser` with a WebSocket upgrade: a new session, and CDP to its browser.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use super::acquire::{Wanted, acquire};
use crate::{
    bridge,
    error::Error,
    extract::{Params, Socket},
    server::App,
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Params(wanted): Params<Wanted>,
    socket: Socket,
) -> Result<Response, Error> {
    let session = acquire(&app, &wanted, None).await?;
    let url = session.devtools.browser_socket().to_owned();
    let gate = session.gate();
    bridge::connect(&app, socket, session, &url, gate).await
}
