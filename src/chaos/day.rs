//! One run: an account at Browser Run, a ledger, Workers that come and go, and what was seen of them.

use super::account::Account;
use super::mutant::{Doubling, Mutant};
use super::script::{BadCall, POLICIES, Script, What};
use super::sim::{Sim, TaskId};
use super::spoilt::spoil;
use crate::browser_run::{Answer, BrowserRun, Call};
use crate::config::Config;
use crate::domain::Policy;
use crate::http::Reply;
use crate::ledger::{Database, LedgerClient, Object, Platform, TestDatabase};
use crate::service::App;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::OnceLock;

/// When a day begins: noon of a day of 2026, in epoch milliseconds.
const NOON_MS: u64 = 20_700 * 24 * 60 * 60 * 1_000 + 12 * 60 * 60 * 1_000;

/// Everything of one run.
pub(super) struct Day {
    pub(super) script: Script,
    pub(super) mutant: Option<Mutant>,
    pub(super) sim: Sim,
    pub(super) config: &'static Config,
    pub(super) account: RefCell<Account>,
    pub(super) database: TestDatabase,
    /// How far the clock of Worker and ledger was set forward or back.
    pub(super) clock_set_ms: Cell<i64>,
    /// Whether nothing goes wrong any more.
    pub(super) is_calm: Cell<bool>,
    pub(super) object: RefCell<Rc<Object<Standing>>>,
    /// Counts the times between which the ledger in memory forgets what is in flight.
    pub(super) generation: Cell<usize>,
    /// Commands that wait in the object, and what else goes on there.
    pub(super) waiting: RefCell<Vec<TaskId>>,
    pub(super) commands: RefCell<Vec<Command>>,
    /// How many commands were carried out.
    pub(super) orders: Cell<usize>,
    pub(super) witnesses: RefCell<Vec<Witness>>,
    /// Sessions whose close was answered with a failure.
    pub(super) close_failures: RefCell<Vec<String>>,
    pub(super) violations: RefCell<Vec<String>>,
    trace: Option<RefCell<Vec<String>>>,
}

/// A command to the ledger, and what became of it.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) deed: usize,
    pub(super) name: &'static str,
    pub(super) input: String,
    /// What it was answered in the object.
    pub(super) applied: Option<Applied>,
    /// Whether whoever asked was told.
    pub(super) is_told: bool,
}

/// That a command was carried out.
#[derive(Debug)]
pub(super) struct Applied {
    pub(super) answer: String,
    pub(super) order: usize,
    pub(super) generation: usize,
    pub(super) at_ms: u64,
    pub(super) wall_ms: u64,
}

/// What is seen of one deed.
#[derive(Debug, Default)]
pub(super) struct Witness {
    pub(super) what: Option<What>,
    pub(super) begun_ms: u64,
    pub(super) answers: Vec<(u64, Reply)>,
    pub(super) is_finished: bool,
    /// When Browser Run answered it last: at all, and before it answered itself.
    pub(super) last_call_ms: u64,
    pub(super) led_by_ms: u64,
    /// Whether it may have acquired a session without knowing.
    pub(super) is_unsure: bool,
}

/// A Worker's instance that serves one deed.
#[derive(Clone)]
pub(super) struct Worker {
    pub(super) day: Rc<Day>,
    pub(super) deed: usize,
    pub(super) calls: Rc<Cell<usize>>,
    pub(super) asked: Rc<Cell<usize>>,
    /// A command that a mutant sends later.
    pub(super) held_back: Rc<RefCell<Option<String>>>,
}

/// What the object stands on.
pub(super) struct Standing {
    pub(super) database: TestDatabase,
    pub(super) day: Weak<Day>,
}

pub(super) type ChaosApp = App<Worker, Worker>;

impl Day {
    pub(super) fn new(script: Script, mutant: Option<Mutant>, is_traced: bool) -> Self {
        let setting = script.setting;
        let database = database();
        Self {
            sim: Sim::new(script.seed),
            mutant,
            config: &configs()[setting.policy],
            account: RefCell::new(Account::new(setting.foreign, setting.page)),
            object: RefCell::new(Rc::new(Object::new(Standing::placeholder(&database)))),
            database,
            clock_set_ms: Cell::default(),
            is_calm: Cell::default(),
            generation: Cell::default(),
            waiting: RefCell::default(),
            commands: RefCell::default(),
            orders: Cell::default(),
            witnesses: RefCell::default(),
            close_failures: RefCell::default(),
            violations: RefCell::default(),
            trace: is_traced.then(RefCell::default),
            script,
        }
    }

    /// The time by the clock of Worker and ledger.
    pub(super) fn wall_ms(&self) -> u64 {
        (NOON_MS + self.sim.now_ms()).checked_add_signed(self.clock_set_ms.get()).expect("it is long after 1970")
    }

    pub(super) fn trace(&self, line: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            trace.borrow_mut().push(format!("{:>8} ms  {}", self.sim.now_ms(), line()));
        }
    }

    /// What happened, a line each.
    pub(super) fn traced(&self) -> String {
        self.trace.as_ref().map(|trace| trace.borrow().join("\n")).unwrap_or_default()
    }

    pub(super) fn violation(&self, what: String) {
        self.violations.borrow_mut().push(what);
    }

    pub(super) fn witness<T>(&self, deed: usize, note: impl FnOnce(&mut Witness) -> T) -> T {
        let mut witnesses = self.witnesses.borrow_mut();
        if witnesses.len() <= deed {
            witnesses.resize_with(deed + 1, Witness::default);
        }
        note(&mut witnesses[deed])
    }

    pub(super) fn answered(&self, deed: usize, reply: Reply) {
        self.trace(|| format!("deed {deed}: answered {reply:?}"));
        let now_ms = self.sim.now_ms();
        self.witness(deed, |witness| {
            witness.led_by_ms = witness.last_call_ms;
            witness.answers.push((now_ms, reply));
        });
    }

    /// Carries out a call that has arrived at Browser Run.
    pub(super) fn carry_out(&self, deed: usize, call: &Call, bad: Option<BadCall>) -> Answer {
        let (mut account, now_ms) = (self.account.borrow_mut(), self.sim.now_ms());
        if bad == Some(BadCall::Vanished)
            && let Some(session) =
                session_of(call).and_then(|id| account.get_mut(id)).filter(|session| session.is_ours())
        {
            session.end(now_ms, "Session evicted");
        }
        spoil(call, account.carry_out(deed, call, now_ms), bad)
    }

    /// Browser Run says of a session that it is gone.
    pub(super) fn lie_about(&self, call: &Call, status: u16) {
        let mut account = self.account.borrow_mut();
        if matches!(status, 404 | 410)
            && let Some(session) = session_of(call).and_then(|id| account.get_mut(id))
        {
            session.is_lied_about = true;
        }
    }

    pub(super) fn know(&self, session_id: &str) {
        if let Some(session) = self.account.borrow_mut().get_mut(session_id) {
            session.is_known = true;
        }
    }

    pub(super) fn close_failed(&self, session_id: &str) {
        self.close_failures.borrow_mut().push(session_id.to_owned());
    }
}

impl Worker {
    pub(super) fn new(day: Rc<Day>, deed: usize) -> Self {
        Self { day, deed, calls: Rc::default(), asked: Rc::default(), held_back: Rc::default() }
    }

    pub(super) fn app(&self) -> ChaosApp {
        App { config: self.day.config, browser_run: BrowserRun::new(self.clone()), ledger: LedgerClient(self.clone()) }
    }
}

impl Standing {
    /// For an object that is never asked.
    pub(super) fn placeholder(database: &TestDatabase) -> Self {
        Self { database: database.clone(), day: Weak::new() }
    }

    fn day(&self) -> Rc<Day> {
        self.day.upgrade().expect("the object dies before its day")
    }
}

impl Platform for Standing {
    type Timer = Pin<Box<dyn Future<Output = ()>>>;

    fn now_ms(&self) -> u64 {
        self.day().wall_ms()
    }

    fn policy(&self) -> Policy {
        self.day().config.policy
    }

    fn database(&self) -> Box<dyn Database> {
        let database = self.database.clone();
        match self.day().mutant {
            Some(Mutant::OpenCountedTwice) => Box::new(Doubling(database)),
            _ => Box::new(database),
        }
    }

    fn timer(&self, milliseconds: u64) -> Self::Timer {
        let sim = self.day().sim.clone();
        Box::pin(async move { sim.sleep(milliseconds).await })
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        let day = self.day();
        day.waiting.borrow_mut().push(day.sim.spawn(None, task));
    }
}

/// The session that a call is about.
fn session_of(call: &Call) -> Option<&str> {
    let path = call.path.split('?').next()?;
    path.strip_prefix("/browser/").or_else(|| path.strip_prefix("/session/"))?.split('/').next()
}

fn configs() -> &'static [Config] {
    static CONFIGS: OnceLock<Vec<Config>> = OnceLock::new();
    CONFIGS.get_or_init(|| {
        POLICIES
            .into_iter()
            .map(|policy| {
                let mut config = Config::for_tests();
                config.policy = policy;
                config
            })
            .collect()
    })
}

/// One for all runs of a thread, emptied: to make one costs more than a run.
fn database() -> TestDatabase {
    thread_local! {
        static DATABASE: TestDatabase = TestDatabase::new();
    }
    DATABASE.with(|database| {
        database.empty();
        database.clone()
    })
}
