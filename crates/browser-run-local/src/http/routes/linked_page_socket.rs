//! `/api/devtools/browser/{session_id}/page/{target_id}?jwt=…`, a WebSocket: CDP to one page, for holders of a link.
//!
//! The link says until when a connection can start. One that has started lives as long as its session.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use super::super::{
    app::App,
    authority::Base,
    cdp_socket::{self, Connecting},
    error::Error,
    extract::{SessionId, Socket},
    link_holder::{LinkHolder, Starter},
};
use crate::cdp::Filter;

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, _: SessionId, socket: Socket, Starter(holder): Starter,
) -> Result<Response, Error> {
    let LinkHolder { session, target, view, .. } = holder;
    let filter = if view.read_only { Filter::ReadOnly(view.mode) } else { session.filter() };
    let target = session.devtools.target(&target).await?;
    cdp_socket::connect(&app, socket, Connecting { host: base.host, session, page: Some(target.id), filter }).await
}
