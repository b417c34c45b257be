//! What the Durable Object does: opens the ledger, has commands carried out, and lets those wait that have to. Without the
//! platform it is the same object.

use super::command::{AnyCommand, read};
use super::rules::Ledger;
use super::store::{Database, Store};
use super::unanswered::Unanswered;
use crate::domain::Policy;
use futures_channel::oneshot;
use futures_util::future::select;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

/// For how long what was counted is in memory alone.
const SAVE_COUNTS_MS: u64 = 5_000;

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
    /// Goes on with something that nobody waits for.
    fn spawn(&self, task: impl Future<Output = ()> + 'static);
}

/// The ledger, as it is asked.
pub(crate) struct Object<P> {
    platform: P,
    /// Opened with the first command.
    ledger: Rc<RefCell<Option<Ledger>>>,
    /// Whether what was counted is about to be saved.
    is_saving: Rc<Cell<bool>>,
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
        Self { platform, ledger: Rc::default(), is_saving: Rc::default(), waiting: RefCell::default() }
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
            Err(unanswered) => Err(format!("{name}: {unanswered}")),
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
        if open.as_ref().is_some_and(|ledger| ledger.metrics.is_unsaved()) {
            self.save_counts_soon();
        }
        answer
    }

    /// Saves what was counted, once for all that is counted until then: a click would wait for it. The timer keeps the object
    /// in memory so long: <https://developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle/>
    fn save_counts_soon(&self) {
        if self.is_saving.replace(true) {
            return;
        }
        let (ledger, is_saving) = (Rc::clone(&self.ledger), Rc::clone(&self.is_saving));
        let timer = self.platform.timer(SAVE_COUNTS_MS);
        self.platform.spawn(async move {
            timer.await;
            is_saving.set(false);
            if let Some(ledger) = ledger.borrow_mut().as_mut() {
                // It stays unsaved, and is tried again behind the next command.
                drop(ledger.save_counts());
            }
        });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Caller;
    use crate::ledger::store::test_database::TestDatabase;
    use crate::ledger::test_ledger::click;
    use crate::ledger::unanswered::Refusal;
    use std::future::{Ready, ready};
    use std::pin::Pin;
    use std::task::{Context, Waker};

    type Task = Pin<Box<dyn Future<Output = ()>>>;

    /// Timers that are over, and tasks that go on when a test says so.
    struct Still {
        database: TestDatabase,
        tasks: Rc<RefCell<Vec<Task>>>,
    }

    impl Platform for Still {
        type Timer = Ready<()>;

        fn now_ms(&self) -> u64 {
            1_000
        }

        fn policy(&self) -> Policy {
            Policy { max_opens_per_minute: 1, ..Policy::for_tests() }
        }

        fn database(&self) -> Box<dyn Database> {
            Box::new(self.database.clone())
        }

        fn timer(&self, _milliseconds: u64) -> Ready<()> {
            ready(())
        }

        fn spawn(&self, task: impl Future<Output = ()> + 'static) {
            self.tasks.borrow_mut().push(Box::pin(task));
        }
    }

    fn object(database: &TestDatabase) -> (Object<Still>, Rc<RefCell<Vec<Task>>>) {
        let tasks = Rc::default();
        (Object::new(Still { database: database.clone(), tasks: Rc::clone(&tasks) }), tasks)
    }

    fn is_counted(object: &Object<Still>, sample: &str) -> bool {
        let Ok(Said::Answer(answer)) = object.answer("ReadMetrics", "{}") else { panic!("it is answered") };
        let text: Result<String, Refusal> = lean_json::read(&answer).unwrap();
        text.unwrap().lines().any(|line| line == sample)
    }

    /// Begins a click of Ada's.
    fn begin(object: &Object<Still>, page: &str) {
        let click = click(&Caller::known("ada"), &format!("url=https://e.com/{page}&fresh"));
        drop(object.answer("BeginClick", &lean_json::write(&click)).unwrap());
    }

    #[test]
    fn what_is_counted_is_saved_once_for_many_clicks_and_outlives_the_object() {
        let database = TestDatabase::new();
        let (before, tasks) = object(&database);
        ["a", "b", "c"].into_iter().for_each(|page| begin(&before, page));
        const REFUSED: &str = r#"devtools_link_clicks_total{outcome="refused"} 2"#;
        assert_eq!(tasks.borrow().len(), 1, "one timer for all");
        assert!(!is_counted(&object(&database).0, REFUSED), "it is not saved yet");
        for task in tasks.take() {
            assert!(Box::pin(task).as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
        }
        assert!(is_counted(&object(&database).0, REFUSED));
        begin(&before, "d");
        assert_eq!(tasks.borrow().len(), 1, "and again for the next ones");
        const MORE: &str = r#"devtools_link_clicks_total{outcome="refused"} 3"#;
        assert!(is_counted(&before, MORE) && is_counted(&object(&database).0, MORE), "what was read is saved");
    }
}
