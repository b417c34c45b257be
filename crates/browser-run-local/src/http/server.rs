//! A running server: what its handlers share, how it starts and how it stops.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{ServiceExt, extract::Request, serve::ListenerExt as _};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tower::{Layer as _, util::MapRequestLayer};

use crate::{
    admin,
    authority::Authorities,
    chromium::Launch,
    clock::{Clock, Millis, millis},
    config::{Config, Token},
    faults::Faults,
    find::NoChromium,
    front_end::FrontEnd,
    inject::Injected,
    life::CloseReason,
    links::Links,
    policy::DomainSets,
    router::{normalise, router},
    sessions::Sessions,
    stale,
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

/// What handlers share.
pub(crate) struct App {
    pub(crate) token: Token,
    pub(crate) authorities: Authorities,
    pub(crate) min_keep_alive: Millis,
    pub(crate) clock: Arc<Clock>,
    pub(crate) links: Links,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) domain_sets: DomainSets,
    pub(crate) injected: Injected,
    pub(crate) front_end: FrontEnd,
}

impl App {
    fn new(config: Config, address: SocketAddr, admin_port: Option<u16>) -> Result<Self, NoChromium> {
        let chromium = config.find_chromium()?;
        tracing::info!(%address, chromium = %chromium.display(), "serving");
        let clock = Arc::new(Clock::new());
        let launch = Launch { program: chromium, tmpdir: config.tmpdir, no_sandbox: config.no_sandbox };
        Ok(Self {
            token: config.token,
            authorities: Authorities::new(address, admin_port, &config.allowed_hosts),
            min_keep_alive: millis(config.min_keep_alive),
            clock: Arc::clone(&clock),
            links: Links::new(millis(config.link_lifetime)),
            sessions: Sessions::start(clock, launch, config.warm, config.limits),
            domain_sets: config.domain_sets.into_iter().collect(),
            injected: Injected::new(config.faults.unwrap_or_default()),
            front_end: FrontEnd::default(),
        })
    }
}

/// Serves until `shutdown` completes; then ends every session, and returns when no browser is left.
async fn serve(
    listener: TcpListener,
    admin: Option<TcpListener>,
    app: Arc<App>,
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
    let (address, listener) = listen(SocketAddr::new(config.host, config.port)).await?;
    let admin = match config.admin_port {
        Some(port) => Some(listen(SocketAddr::new(config.host, port)).await?),
        None => None,
    };
    let (admin_address, admin) = admin.unzip();
    let tmpdir = config.tmpdir.clone();
    // A failed sweep is not worth failing for.
    if let Ok(removed @ 1..) = tokio::task::spawn_blocking(move || stale::sweep(&tmpdir)).await {
        tracing::info!(removed, "stale profiles removed");
    }
    let app = Arc::new(App::new(config, address, admin_address.map(|address| address.port()))?);
    let stopping = CancellationToken::new();
    let task = tokio::spawn(serve(listener, admin, Arc::clone(&app), stopping.clone().cancelled_owned()));
    Ok(Server { address, admin_address, app, stopping, task: Some(task) })
}

async fn listen(address: SocketAddr) -> Result<(SocketAddr, TcpListener), StartError> {
    let bound = TcpListener::bind(address).await.and_then(|listener| Ok((listener.local_addr()?, listener)));
    bound.map_err(|source| StartError::Listen { address, source })
}

/// A running server.
pub struct Server {
    address: SocketAddr,
    admin_address: Option<SocketAddr>,
    app: Arc<App>,
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
