//! A client's WebSocket, connected to one of its session's Chromium.

use std::sync::Arc;

use axum::response::Response;

use super::{app::App, cloudflare_domain::CloudflareDomain, error::Error, extract::Socket};
use crate::{
    cdp::{Filter, proxy},
    session::sessions::OpenSession,
};

/// What a client connects to, and how.
pub(super) struct Connecting {
    /// This server, as the client calls it: `127.0.0.1:9333`.
    pub(super) host: String,
    pub(super) session: OpenSession,
    /// The target of a page; without one it is the browser. An id that Chromium knows: nothing is encoded.
    pub(super) page: Option<String>,
    pub(super) filter: Filter,
}

/// Connects a client to a WebSocket of the session's Chromium, through a filter. Each message starts the session's time
/// anew.
///
/// # Errors
/// When Chromium does not take the connection, or the session ends meanwhile.
pub(super) async fn connect(
    app: &Arc<App>, Socket(upgrade): Socket, Connecting { host, session, page, filter }: Connecting,
) -> Result<Response, Error> {
    let url = match &page {
        Some(target) => session.devtools.page_socket(target),
        None => session.devtools.browser_socket().to_owned(),
    };
    let chromium = proxy::connect(&url).await.map_err(Error::CdpProxy)?;
    let connection = app.sessions.connect(session.id)?;
    let ended = session.ended.clone();
    let domain = CloudflareDomain::new(Arc::clone(app), host, session, page);
    Ok(upgrade.on_upgrade(async move |client| {
        proxy::run(client, chromium, filter, domain, || connection.touch(), ended).await;
    }))
}
