//! An app for native tests: a scripted Browser Run, and the ledger's rules without a Durable Object around them.

use crate::app::App;
use crate::browser_run::BrowserRun;
use crate::browser_run::scripted::Scripted;
use crate::config::{Config, Policy};
use crate::ledger::{Command, Ledger, State};
use crate::ledger_client::{LedgerClient, LedgerError, LedgerTransport};
use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// An [`App`] without anything real behind it.
pub(crate) type TestApp = App<Scripted, RefCell<Ledger>>;

impl LedgerTransport for RefCell<Ledger> {
    async fn post(&self, command: &Command) -> Result<String, LedgerError> {
        if matches!(command, Command::SaveReport { .. }) {
            return Ok("null".to_owned());
        }
        self.borrow_mut().apply(command, 1_000).ok_or_else(|| LedgerError("not in memory".to_owned()))
    }
}

impl TestApp {
    pub(crate) fn new_for_test(script: Scripted) -> Self {
        Self::with_policy(script, |policy| policy)
    }

    pub(crate) fn with_policy(script: Scripted, change: impl FnOnce(Policy) -> Policy) -> Self {
        let mut config = Box::new(Config::for_tests());
        config.policy = change(config.policy);
        let config = Box::leak(config);
        let ledger = LedgerClient(RefCell::new(Ledger::new(config.policy, [], [])));
        Self { config, browser_run: BrowserRun::new(script), ledger }
    }

    /// `None`: it is not in the ledger.
    pub(crate) fn state(&self, session_id: &str) -> Option<State> {
        self.ledger.0.borrow().get(session_id).map(|session| session.state)
    }

    /// Has what ended leave memory, as it does when it is saved.
    pub(crate) fn forget_ended(&self) {
        self.ledger.0.borrow_mut().take_changed();
    }

    /// Why a session ended, or is being closed.
    pub(crate) fn end_reason(&self, session_id: &str) -> Option<String> {
        self.ledger.0.borrow().get(session_id)?.end_reason.clone()
    }

    /// `METHOD path` of every upstream call so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.browser_run.transport().calls()
    }
}

/// Begins a future, and answers whether it waits, as one that is paused does.
pub(crate) fn is_waiting<F: Future>(future: Pin<&mut F>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

/// What a future gives that never waits, as scripted ones don't.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a scripted future waits"),
    }
}
