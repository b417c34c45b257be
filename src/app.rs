//! What one request, or one cron run, works with.

use crate::browser_run::{BrowserRun, FetchTransport, Transport, UpstreamError};
use crate::config::Config;
use crate::ledger_client::{LedgerClient, LedgerError, LedgerStub, LedgerTransport};
use worker::Env;

/// Upstream calls under way at once: as many connections as the platform allows a Worker.
pub(crate) const CONCURRENCY: usize = 6;

/// The configuration, Browser Run, and the ledger.
pub(crate) struct App<T, L> {
    pub(crate) config: &'static Config,
    pub(crate) browser_run: BrowserRun<T>,
    pub(crate) ledger: LedgerClient<L>,
}

/// An [`App`] over the real thing.
pub(crate) type WorkerApp = App<FetchTransport, LedgerStub>;

/// How closing a session went.
#[derive(Debug)]
pub(crate) enum Closing {
    Closed,
    /// It is not ours, has ended, or was clicked in the meantime.
    NotNow,
    /// The clean-up will try again.
    Failed(UpstreamError),
}

impl WorkerApp {
    pub(crate) fn new(config: &'static Config, env: &Env) -> Result<Self, LedgerError> {
        let browser_run = BrowserRun::new(FetchTransport::new(&config.upstream, env));
        Ok(Self { config, browser_run, ledger: LedgerClient(LedgerStub::new(env)?) })
    }
}

impl<T: Transport, L: LedgerTransport> App<T, L> {
    /// Closes one session of ours: the only place that does. The ledger is asked first, so that nothing is closed that
    /// is not ours or was clicked after `unless_clicked_after_ms`, and told afterwards, so that nothing is forgotten.
    pub(crate) async fn close_session(
        &self,
        session_id: &str,
        unless_clicked_after_ms: Option<u64>,
        reason: &str,
    ) -> Result<Closing, LedgerError> {
        if !self.ledger.begin_closing(session_id, unless_clicked_after_ms, reason).await? {
            return Ok(Closing::NotNow);
        }
        match self.browser_run.close(session_id).await {
            Ok(()) => {
                self.ledger.ended(session_id, reason, None).await?;
                Ok(Closing::Closed)
            }
            Err(error) => {
                self.ledger.close_failed(session_id).await?;
                Ok(Closing::Failed(error))
            }
        }
    }
}
