//! A client's WebSocket, connected to one of its session's Chromium.

use std::sync::Arc;

use axum::response::Response;

use super::{app::App, error::Error, extract::Socket};
use crate::{
    cdp::{Filter, proxy},
    session::sessions::OpenSession,
};

/// Connects a client to `url`, a WebSocket of the session's Chromium, through a filter. Each message starts the session's
/// time anew.
///
/// # Errors
/// When Chromium does not take the connection, or the session ends meanwhile.
pub(super) async fn connect(
    app: &Arc<App>, Socket(upgrade): Socket, session: OpenSession, url: &str, filter: Filter,
) -> Result<Response, Error> {
    let chromium = proxy::connect(url).await.map_err(Error::CdpProxy)?;
    let connection = app.sessions.connect(session.id)?;
    Ok(upgrade.on_upgrade(async move |client| {
        proxy::run(client, chromium, filter, || connection.touch(), session.ended).await;
    }))
}
