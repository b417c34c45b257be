//! What is done with a click, a session, or all of them: over the domain's rules, the ledger and Browser Run.
//!
//! - [`open`]: one click, carried out
//! - [`permalink`]: a permalink, followed
//! - [`recording`]: what was recorded of a session
//! - [`close`]: sessions of ours, closed: the only place that does
//! - [`sweep`]: the clean-up, carried out
//! - [`access`]: who it is

pub(crate) mod access;
pub(crate) mod close;
pub(crate) mod open;
pub(crate) mod permalink;
pub(crate) mod recording;
pub(crate) mod sweep;
#[cfg(test)]
mod test_app;

use crate::browser_run::{BrowserRun, FetchTransport};
use crate::config::{Config, Upstream, browser_binding, ledger};
use crate::ledger::{LedgerClient, LedgerError, LedgerStub};
use worker::Env;

/// Upstream calls under way at once: as many connections as the platform allows a Worker.
const CONCURRENCY: usize = 6;

/// What one request, or one cron run, works with: the configuration, Browser Run, and the ledger.
pub(crate) struct App<T, L> {
    pub(crate) config: &'static Config,
    pub(crate) browser_run: BrowserRun<T>,
    pub(crate) ledger: LedgerClient<L>,
}

/// An [`App`] over the real thing.
pub(crate) type WorkerApp = App<FetchTransport, LedgerStub>;

impl WorkerApp {
    /// # Errors
    /// When the ledger is not bound.
    pub(crate) fn new(config: &'static Config, env: &Env) -> Result<Self, LedgerError> {
        let transport = match &config.upstream {
            Upstream::Rest { base_url, account_id, token } => FetchTransport::rest(base_url, account_id, token),
            Upstream::Binding => FetchTransport::binding(browser_binding(env)),
        };
        let ledger: LedgerStub = ledger(env).map_err(|error| LedgerError::Failed(format!("{error:?}")))?;
        Ok(Self { config, browser_run: BrowserRun::new(transport), ledger: LedgerClient(ledger) })
    }
}
