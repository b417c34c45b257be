//! What the Durable Object does: opens the ledger, has commands carried out, and lets those wait that have to. Without the
//! platform it is the same object.

use super::command::{AnyCommand, read};
use super::rules::Ledger;
use super::store::{Database, Store};
use super::unanswered::Unanswered;
use crate::domain::Policy;
use futures_channel::oneshot;
use futures_util::future::select;
use std::cell::RefCell;
use std::future::Future;

/// What the object stands on.
pub(crate) trait Platform {
    /// Resolves after a time.
    type Timer: Future<Output = ()> + Unpin + 'static;

    /// The time in epoch milliseconds.
    fn now_ms(&self) -> u64;
    /// The rules' numbers.
    fn policy(&self) -> Policy;
    /// What the ledger is kept in.
    fn database(&self) -> Box<dyn Database>;
    /// Resolves after so many milliseconds.
    fn timer(&self, milliseconds: u64) -> Self::Timer;
}

/// The ledger, as it is asked.
pub(crate) struct Object<P> {
    platform: P,
    /// Opened with the first command.
    ledger: RefCell<Option<Ledger>>,
    /// Commands that wait for a change: dropped, each goes on.
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

/// What comes of asking.
pub(crate) enum Said<W> {
    /// The answer's JSON.
    Answer(String),
    /// It is to be asked again behind this.
    Wait(W),
}

impl<P: Platform> Object<P> {
    pub(crate) fn new(platform: P) -> Self {
        Self { platform, ledger: RefCell::default(), waiting: RefCell::default() }
    }

    /// Answers one command, or lets it wait.
    ///
    /// # Errors
    /// What is wrong, for the log.
    pub(crate) fn answer(
        &self, name: &str, input: &str,
    ) -> Result<Said<impl Future<Output = ()> + 'static + use<P>>, String> {
        match self.carry_out(read(name, input)?.as_ref()) {
            Ok(answer) => Ok(Said::Answer(answer)),
            Err(Unanswered::WaitUntil(until_ms)) => Ok(Said::Wait(self.changed(until_ms))),
            Err(unanswered) => Err(format!("{name}: {unanswered:?}")),
        }
    }

    /// Has a command carried out, without an `await` between: no other command sees what is half done.
    fn carry_out(&self, command: &dyn AnyCommand) -> Result<String, Unanswered> {
        let (mut open, now_ms) = (self.ledger.borrow_mut(), self.platform.now_ms());
        if open.is_none() {
            let store = Store::open(self.platform.database())?;
            *open = Some(Ledger::open(self.platform.policy(), store, now_ms)?);
        }
        let answer = command.answer(open.as_mut().expect("it has just been opened"), now_ms);
        match &answer {
            Err(Unanswered::WaitUntil(_)) => {}
            // What it had changed in memory is not what is stored.
            Err(Unanswered::Failed(_)) => *open = None,
            _ => self.waiting.borrow_mut().clear(),
        }
        answer
    }

    /// Waits until another command was carried out, or until a time.
    fn changed(&self, until_ms: u64) -> impl Future<Output = ()> + 'static + use<P> {
        let (sender, changed) = oneshot::channel();
        self.waiting.borrow_mut().push(sender);
        let timer = self.platform.timer(until_ms.saturating_sub(self.platform.now_ms()).max(1));
        async move {
            select(changed, timer).await;
        }
    }
}
