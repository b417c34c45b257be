//! A running server: what its handlers share, how it starts and how it stops.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{ServiceExt, extract::Request, serve::ListenerExt as _};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tower::{Layer as _, util::MapRequestLayer};

use crate::{
    authority::Authorities,
    chromium::Launch,
    clock::{Clock, Millis, millis},
    config::{self, Config, Token},
    find::{self, NoChromium},
    front_end::FrontEnd,
    links::Links,
    policy::DomainSets,
    router::{normalise, router},
    sessions::Sessions,
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
    pub(crate) front_end: FrontEnd,
}

impl App {
    fn new(config: Config, address: SocketAddr) -> Result<Self, NoChromium> {
        let chromium = find::chromium(config.chromium.as_deref(), &config::search_path())?;
        tracing::info!(%address, chromium = %chromium.display(), "serving");
        let clock = Arc::new(Clock::new());
        let launch = Launch { program: chromium, tmpdir: config.tmpdir, no_sandbox: config.no_sandbox };
        Ok(Self {
            token: config.token,
            authorities: Authorities::new(address, &config.allowed_hosts),
            min_keep_alive: millis(config.min_keep_alive),
            clock: Arc::clone(&clock),
            links: Links::new(millis(config.link_lifetime)),
            sessions: Sessions::start(clock, launch, config.warm, config.limits),
            domain_sets: config.domain_sets.into_iter().collect(),
            front_end: FrontEnd::default(),
        })
    }
}

/// Serves until `shutdown` completes; then ends every session, and returns when no browser is left.
async fn serve(
    listener: TcpListener,
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
    let last_answers = async {
        shutdown.await;
        app.sessions.stop().await;
        ended.cancel();
        tokio::time::sleep(LAST_ANSWERS_WITHIN).await;
    };
    tokio::select! {
        result = server => result,
        () = last_answers => Ok(()),
    }
}

/// A server of one's own, in this process; it stops when it is dropped.
///
/// # Errors
/// When Chromium is not found or the address cannot be listened on.
pub async fn spawn(config: Config) -> Result<Server, StartError> {
    let address = SocketAddr::new(config.host, config.port);
    let bound = TcpListener::bind(address).await.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = bound.map_err(|source| StartError::Listen { address, source })?;
    let app = Arc::new(App::new(config, address)?);
    let stopping = CancellationToken::new();
    let clock = Arc::clone(&app.clock);
    let task = tokio::spawn(serve(listener, app, stopping.clone().cancelled_owned()));
    Ok(Server { address, clock, stopping, task: Some(task) })
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    clock: Arc<Clock>,
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
        match self.address.ip() {
            ip if ip.is_unspecified() => format!("http://127.0.0.1:{}", self.address.port()),
            _ => format!("http://{}", self.address),
        }
    }

    /// `http://127.0.0.1:41234/client/v4`: what `https://api.cloudflare.com/client/v4` is to a client.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("{}/client/v4", self.url())
    }

    /// Puts its clock forward: links and idle sessions expire as if that time had passed.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
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

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}
