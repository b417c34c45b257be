//! `/api/devtools/browser/{session_id}/page/{target_id}?jwt=…`, a WebSocket: CDP to one page, for holders of a link.
//!
//! The link says until when a connection can start. One that has started lives as long as its session.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    bridge,
    error::Error,
    extract::{Params, SessionId, Socket, TargetPath},
    gate::Gate,
    links::{Claims, LinkError},
    server::App,
};

#[derive(Deserialize)]
pub(crate) struct Credential {
    jwt: Option<String>,
}

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    SessionId(session): SessionId,
    Path(TargetPath { target_id }): Path<TargetPath>,
    Params(Credential { jwt }): Params<Credential>,
    socket: Socket,
) -> Result<Response, Error> {
    let jwt = jwt.ok_or(LinkError::Invalid)?;
    let Claims { view, .. } = app.links.check(&jwt, (session, &target_id), app.clock.now())?;
    let session = app.sessions.open(session)?;
    let gate = if view.read_only { Gate::ReadOnly(view.mode) } else { session.gate() };
    let target = session.devtools.target(&target_id).await?;
    let url = session.devtools.page_socket(&target.id);
    bridge::connect(&app, socket, session, &url, gate).await
}
