//! A running server: how it starts and how it stops.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{ServiceExt, extract::Request, serve::ListenerExt as _};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tower::{Layer as _, util::MapRequestLayer};

use super::{
    admin,
    app::App,
    router::{normalise, router},
};
use crate::{
    chromium::{locate::NoChromium, orphans},
    config::Config,
    faults::script::Faults,
    session::lifecycle::CloseReason,
};

/// How long answers may take that are under way when the server stops.
const LAST_ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// What keeps a server from running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is nothing to serve.
    #[error(transparent)]
    NoChromium(#[from] NoChromium),
    /// There is nowhere to serve it.
    #[error("cannot listen on {address}: see --host and --port")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

/// Serves until `shutdown` completes; then ends every session, and returns when no browser is left.
async fn serve(
    listener: TcpListener, admin: Option<TcpListener>, app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let service = MapRequestLayer::new(normalise).layer(router(Arc::clone(&app)));
    let listener = listener.tap_io(|stream| {
        // A slower connection is a connection all the same.
        let _ = stream.set_nodelay(true);
    });
    let ended = CancellationToken::new();
    let server = axum::serve(listener, ServiceExt::<Request>::into_make_service(service));
    let server = server.with_graceful_shutdown(ended.clone().cancelled_owned());
    let admin = async {
        match admin {
            Some(listener) => axum::serve(listener, admin::router(&app)).await,
            None => std::future::pending().await,
        }
    };
    let last_answers = async {
        shutdown.await;
        app.sessions.stop().await;
        ended.cancel();
        tokio::time::sleep(LAST_ANSWERS_WITHIN).await;
    };
    tokio::select! {
        result = server => result,
        result = admin => result,
        () = last_answers => Ok(()),
    }
}

/// A server of one's own, in this process; it stops when it is dropped.
///
/// # Errors
/// When Chromium is not found or an address cannot be listened on.
pub async fn spawn(config: Config) -> Result<Server, StartError> {
    let Listening { address, listener } = listen(SocketAddr::new(config.host, config.port)).await?;
    let admin = match config.admin_port {
        Some(port) => Some(listen(SocketAddr::new(config.host, port)).await?),
        None => None,
    };
    let (admin_address, admin) = admin.map(|admin| (admin.address, admin.listener)).unzip();
    let tmpdir = config.tmpdir.clone();
    let has_own_token = config.token.is_none();
    // Profiles that cannot be removed are not worth failing for.
    if let Ok(removed @ 1..) = tokio::task::spawn_blocking(move || orphans::remove_all(&tmpdir)).await {
        tracing::info!(removed, "orphaned profiles removed");
    }
    let app = Arc::new(App::new(config, address, admin_address.map(|address| address.port()))?);
    app.recordings.tidy().await;
    let stopping = CancellationToken::new();
    let task = tokio::spawn(serve(listener, admin, Arc::clone(&app), stopping.clone().cancelled_owned()));
    Ok(Server { address, admin_address, app, has_own_token, stopping, task: Some(task) })
}

struct Listening {
    /// With the port that was picked.
    address: SocketAddr,
    listener: TcpListener,
}

async fn listen(address: SocketAddr) -> Result<Listening, StartError> {
    let bound = TcpListener::bind(address).await;
    let bound = bound.and_then(|listener| Ok(Listening { address: listener.local_addr()?, listener }));
    bound.map_err(|source| StartError::Listen { address, source })
}

/// A running server.
pub struct Server {
    address: SocketAddr,
    admin_address: Option<SocketAddr>,
    app: Arc<App>,
    /// Whether it made its token itself.
    has_own_token: bool,
    stopping: CancellationToken,
    task: Option<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:41234`, also where it listens on every address.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address)
    }

    /// The admin endpoints, where they are on.
    #[must_use]
    pub fn admin_url(&self) -> Option<String> {
        self.admin_address.map(url)
    }

    /// `http://127.0.0.1:41234/client/v4`: what `https://api.cloudflare.com/client/v4` is to a client.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("{}/client/v4", self.url())
    }

    /// The token that it made, where it was given none.
    #[must_use]
    pub fn own_token(&self) -> Option<&str> {
        self.has_own_token.then(|| self.app.token.secret())
    }

    /// Puts its clock forward: links and idle sessions expire as if that time had passed.
    pub fn advance(&self, by: Duration) {
        self.app.clock.advance(by);
    }

    /// Puts more faults behind those that still wait for their calls.
    pub fn inject(&self, faults: Faults) {
        self.app.injected.with(|injected| injected.extend(faults));
    }

    /// Kills a session's Chromium, as if it had crashed; whether the session was open.
    pub fn crash(&self, session_id: &str) -> bool {
        session_id.parse().is_ok_and(|id| self.app.sessions.crash(id).is_ok())
    }

    /// Evicts a session; whether it was open.
    pub fn evict(&self, session_id: &str) -> bool {
        session_id.parse().is_ok_and(|id| self.app.sessions.end(id, CloseReason::SessionEvicted).is_ok())
    }

    /// Stops it, and returns when no browser is left.
    ///
    /// # Errors
    /// When serving had failed.
    pub async fn stop(mut self) -> io::Result<()> {
        self.stopping.cancel();
        self.task.take().expect("it is taken here only").await?
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

fn url(address: SocketAddr) -> String {
    match address.ip() {
        ip if ip.is_unspecified() => format!("http://127.0.0.1:{}", address.port()),
        _ => format!("http://{address}"),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}
