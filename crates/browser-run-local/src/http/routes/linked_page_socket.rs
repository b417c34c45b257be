//! `/api/devtools/browser/{session_id}/page/{target_id}?jwt=…`, a WebSocket: CDP to one page, for holders of a link.
//!
//! The link says until when a connection can start. One that has started lives as long as its session.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;

use super::super::{
    app::App,
    authority::Base,
    cdp_socket::{self, Connecting},
    error::Error,
    extract::{Params, SessionId, Socket, TargetPath},
};
use crate::{
    cdp::Filter,
    live_view::links::{Claims, LinkError, PageId},
};

/// What a link's holder shows.
#[derive(Deserialize)]
pub(crate) struct Credential {
    pub(super) jwt: Option<String>,
}

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, SessionId(session): SessionId,
    Path(TargetPath { target_id }): Path<TargetPath>, Params(Credential { jwt }): Params<Credential>, socket: Socket,
) -> Result<Response, Error> {
    let jwt = jwt.ok_or(LinkError::Invalid)?;
    let Claims { view, .. } = app.links.check(&jwt, PageId { session, target: &target_id }, app.clock.now())?;
    let session = app.sessions.open(session)?;
    let filter = if view.read_only { Filter::ReadOnly(view.mode) } else { session.filter() };
    let target = session.devtools.target(&target_id).await?;
    cdp_socket::connect(&app, socket, Connecting { host: base.host, session, page: Some(target.id), filter }).await
}
