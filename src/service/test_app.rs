//! An app for native tests: a scripted Browser Run, and the ledger without a Durable Object around it.

use super::App;
use super::open::{OpenError, Opened};
use crate::browser_run::BrowserRun;
use crate::browser_run::scripted::Scripted;
use crate::config::Config;
use crate::domain::{AttributedClick, EndReason, Policy, State};
use crate::ledger::test_ledger::TestLedger;
use crate::ledger::{LedgerClient, LedgerError, LedgerTransport};
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// An [`App`] without anything real behind it.
pub(crate) type TestApp = App<Scripted, RefCell<TestLedger>>;

impl LedgerTransport for RefCell<TestLedger> {
    /// What has to wait is pending, and tries again whenever it is polled.
    async fn send(&self, name: &'static str, input: String, _deadline_ms: u32) -> Result<String, LedgerError> {
        poll_fn(|_| self.borrow_mut().answer(name, &input, 1_000)).await.map_err(LedgerError::Failed)
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
        let ledger = LedgerClient(RefCell::new(TestLedger::new(config.policy)));
        Self { config, browser_run: BrowserRun::new(script), ledger }
    }

    /// `None`: it is not in the ledger.
    pub(crate) fn state(&self, session_id: &str) -> Option<State> {
        self.ledger.0.borrow_mut().find(session_id).map(|session| session.state)
    }

    /// Why a session ended, or is being closed.
    pub(crate) fn end_reason(&self, session_id: &str) -> Option<EndReason> {
        self.ledger.0.borrow_mut().find(session_id)?.end_reason
    }

    /// `METHOD path` of every upstream call so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.browser_run.transport().calls()
    }
}

impl<L: LedgerTransport> App<Scripted, L> {
    /// A click with all that is recorded of it. The tabs that are one too many are left to be looked at.
    pub(crate) async fn open_and_record(&self, click: &AttributedClick) -> Result<Opened, OpenError> {
        let mut opened = self.open(click).await?;
        let unfinished = mem::take(&mut opened.unfinished);
        opened.unfinished.surplus_tabs = self.finish_recording(unfinished).await.0;
        Ok(opened)
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
