//! A ledger for native tests, over a real SQLite in memory.

use super::command::{Command, read};
use super::rules::Ledger;
use super::store::Store;
use super::store::test_database::TestDatabase;
use super::unanswered::{Refusal, Unanswered};
use super::{
    AbandonClick, BeginClick, Decision, FindSession, Mark, MarkClosing, RecordEndings, RecordSession, RecordTab,
};
use crate::domain::{
    AttributedClick, Caller, Click, ClickId, EndReason, Ended, Ending, Policy, SessionId, SessionRecord, TargetId,
};
use std::task::Poll;

impl std::fmt::Debug for TestLedger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.ledger.unended()).finish()
    }
}

/// Asked as the Worker asks it, except that waiting is answered at once.
pub(crate) struct TestLedger {
    pub(crate) database: TestDatabase,
    pub(crate) ledger: Ledger,
}

pub(crate) fn click(caller: &Caller, query: &str) -> AttributedClick {
    AttributedClick::new(caller.clone(), Click::from_query(query, crate::domain::Defaults::for_tests()).unwrap())
}

impl TestLedger {
    pub(crate) fn new(policy: Policy) -> Self {
        Self::over(TestDatabase::new(), policy, 0)
    }

    pub(crate) fn over(database: TestDatabase, policy: Policy, now_ms: u64) -> Self {
        let store = Store::open(Box::new(database.clone())).unwrap();
        Self { ledger: Ledger::open(policy, store, now_ms).unwrap(), database }
    }

    /// One that holds these sessions.
    pub(crate) fn holding(sessions: Vec<SessionRecord>) -> Self {
        let mut ledger = Self::new(Policy::for_tests());
        sessions.into_iter().for_each(|session| ledger.ledger.insert(session));
        ledger.ledger.save_changed().unwrap();
        ledger
    }

    /// The same after a restart: with what was stored.
    pub(crate) fn restarted(&self, now_ms: u64) -> Self {
        Self::over(self.database.clone(), self.ledger.policy, now_ms)
    }

    pub(crate) fn try_ask<C: Command>(&mut self, command: &C, now_ms: u64) -> Result<C::Answer, Unanswered> {
        let answer = command.apply(&mut self.ledger, now_ms);
        self.ledger.save_changed().unwrap();
        answer
    }

    pub(crate) fn ask<C: Command>(&mut self, command: &C, now_ms: u64) -> C::Answer {
        self.try_ask(command, now_ms).unwrap_or_else(|unanswered| panic!("{}: {unanswered:?}", C::NAME))
    }

    /// Answers a command that has arrived, as the Durable Object does.
    pub(crate) fn answer(&mut self, name: &str, input: &str, now_ms: u64) -> Poll<Result<String, String>> {
        let command = match read(name, input) {
            Ok(command) => command,
            Err(error) => return Poll::Ready(Err(error)),
        };
        match command.answer(&mut self.ledger, now_ms) {
            Ok(answer) => Poll::Ready(Ok(answer)),
            Err(Unanswered::WaitUntil(_)) => Poll::Pending,
            Err(other) => Poll::Ready(Err(format!("{other:?}"))),
        }
    }

    /// Asks what may be refused, and is answered at once.
    fn ask_unless_refused<C: Command>(&mut self, command: &C, now_ms: u64) -> Result<C::Answer, Refusal> {
        self.try_ask(command, now_ms).map_err(|unanswered| match unanswered {
            Unanswered::Refused(refusal) => refusal,
            other => panic!("{}: {other:?}", C::NAME),
        })
    }

    pub(crate) fn begin(&mut self, click: &AttributedClick, now_ms: u64) -> Result<Decision, Unanswered> {
        self.try_ask(&BeginClick(click.clone()), now_ms)
    }

    /// Begins a click that is to acquire a session.
    pub(crate) fn acquire(&mut self, click: &AttributedClick, now_ms: u64) -> ClickId {
        match self.begin(click, now_ms) {
            Ok(Decision::Acquire { click_id }) => click_id,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn record_session(
        &mut self, click_id: ClickId, id: &str, click: &AttributedClick, now_ms: u64,
    ) -> Result<(), Refusal> {
        self.ask_unless_refused(
            &RecordSession { click_id, session_id: id.into(), click: click.clone(), calls: vec![] },
            now_ms,
        )
    }

    pub(crate) fn record_tab(
        &mut self, click_id: ClickId, session_id: &str, target_id: &str, click: &AttributedClick, now_ms: u64,
    ) -> Result<Vec<TargetId>, Refusal> {
        let (session_id, target_id, Click { url, options, .. }) =
            (session_id.into(), target_id.into(), click.click.clone());
        self.ask_unless_refused(
            &RecordTab { click_id, session_id, target_id, url, view: options.view, reused: false, calls: vec![] },
            now_ms,
        )
    }

    /// Opens a session with one tab, `T1`.
    pub(crate) fn open(&mut self, click: &AttributedClick, session_id: &str, now_ms: u64) {
        let click_id = self.acquire(click, now_ms);
        self.record_session(click_id, session_id, click, now_ms).unwrap();
        self.record_tab(click_id, session_id, "T1", click, now_ms).unwrap();
    }

    pub(crate) fn abandon(&mut self, click_id: ClickId) {
        self.ask(&AbandonClick { click_id, gone: false, refused: false, calls: vec![] }, 0);
    }

    pub(crate) fn mark_closing(&mut self, id: &str, unless_clicked_after_ms: Option<u64>, reason: EndReason) -> bool {
        let mark = Mark { session_id: id.into(), unless_clicked_after_ms, reason };
        !self.ask(&MarkClosing { sessions: vec![mark] }, 0).is_empty()
    }

    pub(crate) fn end(&mut self, session_id: &str, ending: Ending, now_ms: u64) {
        let ended = vec![Ended { session_id: session_id.into(), ending }];
        self.ask(&RecordEndings { ended, ..RecordEndings::default() }, now_ms);
    }

    /// A session of ours, ended or not.
    pub(crate) fn find(&mut self, session_id: &str) -> Option<SessionRecord> {
        self.ask(&FindSession { session_id: SessionId::from(session_id) }, 0)
    }
}
