//! The clean-up's plan, as pure functions of the time, the rules, the ledger and what Browser Run says.
//!
//! Closes what is ours and too old, ours and unused, or ours and already marked for closing. What is not in the
//! ledger is counted, and left alone. That a session is not on Browser Run's list means nothing: the list can shift while
//! it is read, and need not be read to its end. Such a session is asked for by its id.

use crate::domain::map::Map;
use crate::domain::policy::Policy;
use crate::domain::session::{EndReason, Ending, SessionId, SessionRecord, State};
use browser_run_api::read::Session;
use lean_json::{FromJson, ToJson};

/// A session heard of less than this ago is not asked for.
const GRACE_MS: u64 = 60_000;

/// What Browser Run has said in this run, and in how many calls.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// By id. `None`: it was asked for, and is not there.
    sessions: Map<SessionId, Option<Session>>,
    calls: usize,
}

/// What a clean-up is to do, what is due longest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) close: Vec<Close>,
    pub(crate) ended: Vec<Ended>,
    pub(crate) kept: Vec<SessionId>,
    /// How many open sessions on the account are not ours, as far as they were listed.
    pub(crate) foreign: usize,
}

/// A session to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Close {
    pub(crate) session_id: SessionId,
    pub(crate) caller: String,
    pub(crate) why: Why,
    /// What the ledger keeps of it: what it was marked with, if it was.
    pub(crate) reason: EndReason,
    /// Since when it is to be closed.
    due_at_ms: u64,
    /// When it was last clicked as far as this plan knows: a later click saves it.
    pub(crate) clicked_at_ms: u64,
}

/// A session of ours that has ended.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
pub(crate) struct Ended {
    pub(crate) session_id: SessionId,
    pub(crate) ending: Ending,
}

/// Why a session is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    /// It outlived `MAX_SESSION_MINUTES`.
    TooOld,
    /// Nobody was connected, and nobody clicked, for `IDLE_MINUTES`.
    Unused,
    /// It was marked for closing before.
    Marked,
}

impl Why {
    /// What the ledger keeps of a session that is closed for this.
    fn reason(self, record: &SessionRecord) -> EndReason {
        match self {
            Self::TooOld => EndReason::TooOld,
            Self::Unused => EndReason::Unused,
            Self::Marked => record.end_reason.clone().unwrap_or(EndReason::Gone),
        }
    }
}

impl Close {
    fn new(record: &SessionRecord, why: Why, due_at_ms: u64) -> Self {
        let (session_id, caller, reason) = (record.session_id.clone(), record.caller.clone(), why.reason(record));
        Self { session_id, caller, why, reason, due_at_ms, clicked_at_ms: record.clicked_at_ms }
    }
}

impl Seen {
    /// How many of `budget` calls may go into reading the list: it must not cost what asking and closing need.
    pub(crate) fn list_calls(budget: usize) -> usize {
        budget / 4
    }

    /// How many of `budget` calls may now go into asking for single sessions. As many at least are left for closing.
    pub(crate) fn ask_calls(&self, budget: usize) -> usize {
        self.calls_left(budget) / 2
    }

    pub(crate) fn calls_left(&self, budget: usize) -> usize {
        budget.saturating_sub(self.calls)
    }

    /// Counts a call that answered nothing.
    pub(crate) fn failed(&mut self) {
        self.calls += 1;
    }

    /// Takes in a page of the list. Answers whether it held anything new.
    pub(crate) fn listed(&mut self, page: Vec<Session>) -> bool {
        self.calls += 1;
        let before = self.sessions.len();
        self.sessions.extend(page.into_iter().map(|session| (session.session_id.as_str().into(), Some(session))));
        self.sessions.len() > before
    }

    /// Takes in the answer about one session.
    pub(crate) fn answered(&mut self, session_id: SessionId, answer: Option<Session>) {
        self.calls += 1;
        self.sessions.insert(session_id, answer);
    }
}

/// Which sessions of ours to ask for, at most so many: those that were not listed, the longest unheard of first. So each
/// has its turn.
pub(crate) fn to_ask(now_ms: u64, policy: &Policy, ours: &[SessionRecord], seen: &Seen, most: usize) -> Vec<SessionId> {
    let grace_ms = policy.idle_ms.min(GRACE_MS);
    let mut unheard_of = Vec::new();
    for record in ours
        .iter()
        .filter(|record| record.state == State::Open && !seen.sessions.contains_key(&record.session_id))
        .filter(|record| record.opened_at_ms + policy.max_session_ms > now_ms)
        .filter(|record| record.heard_of_at_ms() + grace_ms <= now_ms)
    {
        insert_sorted(&mut unheard_of, record, |record| (record.heard_of_at_ms(), record.session_id.as_str()));
    }
    unheard_of.into_iter().take(most).map(|record| record.session_id.clone()).collect()
}

/// Plans a clean-up. `ours` are the sessions of the ledger that have not ended, as they were before anything was `seen`.
pub(crate) fn plan(now_ms: u64, policy: &Policy, ours: &[SessionRecord], seen: &Seen) -> Plan {
    let is_open = |session: &Session| session.end_time.is_none();
    let mut plan = Plan {
        foreign: seen.sessions.values().flatten().filter(|session| is_open(session)).count(),
        ..Plan::default()
    };
    for record in ours.iter().filter(|record| record.state != State::Ended) {
        let answer = seen.sessions.get(&record.session_id).map(Option::as_ref);
        plan.foreign -= usize::from(answer.flatten().is_some_and(is_open));
        let session_id = record.session_id.clone();
        if let Some(ending) = answer.and_then(ending) {
            plan.ended.push(Ended { session_id, ending });
        } else if let Some((why, due_at_ms)) = why_close(now_ms, policy, record, answer.flatten()) {
            let close = Close::new(record, why, due_at_ms);
            insert_sorted(&mut plan.close, close, |close| (close.due_at_ms, close.session_id.as_str()));
        } else {
            plan.kept.push(session_id);
        }
    }
    plan
}

/// Puts an item among others by its time, and of the same time by its id. The library's sort, compiled for each type anew, would be
/// ten times the bytes.
fn insert_sorted<T>(items: &mut Vec<T>, item: T, place: impl for<'a> Fn(&'a T) -> (u64, &'a str)) {
    let index = items.partition_point(|other| place(other) <= place(&item));
    items.insert(index, item);
}

/// How a session has ended, if Browser Run's answer about it says that it has: the one rule for that. `None` is its word
/// for a session that is not there.
pub(crate) fn ending(answer: Option<&Session>) -> Option<Ending> {
    let Some(session) = answer else { return Some(Ending::now(EndReason::Gone)) };
    let end = session.end_time?;
    let lived_ms = since_start_ms(session, end);
    let word = session.close_reason_text.clone().unwrap_or_else(|| "ended".to_owned());
    Some(Ending { reason: EndReason::Reported(word), lived_ms })
}

/// Why a session that has not ended is to be closed, and since when.
fn why_close(now_ms: u64, policy: &Policy, record: &SessionRecord, session: Option<&Session>) -> Option<(Why, u64)> {
    let retry_at_ms = record.close_retry_at_ms.unwrap_or(record.opened_at_ms);
    let too_old_at_ms = record.opened_at_ms + policy.max_session_ms;
    let unused_at_ms = session
        .filter(|session| !session.is_connected())
        .map(|session| record.clicked_at_ms.max(left_at_ms(now_ms, record, session)) + policy.idle_ms);
    let (why, due_at_ms) = match (record.state, unused_at_ms) {
        (State::Closing, _) => (Why::Marked, retry_at_ms),
        _ if too_old_at_ms <= now_ms => (Why::TooOld, too_old_at_ms),
        (_, Some(unused_at_ms)) => (Why::Unused, unused_at_ms),
        (_, None) => return None,
    };
    (due_at_ms <= now_ms).then_some((why, due_at_ms))
}

/// When the last connection ended, by our own clock as far as that can be told.
fn left_at_ms(now_ms: u64, record: &SessionRecord, session: &Session) -> u64 {
    let Some(end) = session.connection_end_time else { return 0 };
    let by_our_clock = since_start_ms(session, end).map(|since_ms| record.opened_at_ms.saturating_add(since_ms));
    by_our_clock.unwrap_or(end).min(now_ms)
}

fn since_start_ms(session: &Session, at_ms: u64) -> Option<u64> {
    at_ms.checked_sub(session.start_time?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 60 * 60_000;
    const MINUTE: u64 = 60_000;

    fn listed(session_id: &str) -> Session {
        Session { session_id: session_id.to_owned(), ..Session::default() }
    }

    fn ids<const N: usize>(ids: [&str; N]) -> Vec<SessionId> {
        ids.map(SessionId::from).to_vec()
    }

    fn seen(sessions: Vec<Session>) -> Seen {
        let mut seen = Seen::default();
        seen.listed(sessions);
        seen
    }

    /// What is done with one session of ours, opened at 0.
    fn done_with(now_ms: u64, session: Option<Session>) -> Plan {
        plan(now_ms, &Policy::for_tests(), &[SessionRecord::for_tests("s", 0)], &seen(session.into_iter().collect()))
    }

    #[test]
    fn an_unused_session_is_closed_and_a_connected_one_kept() {
        let connected = Session { connection_start_time: Some(1), ..listed("s") };
        let left = Session { connection_end_time: Some(5 * MINUTE), ..connected.clone() };
        assert_eq!(done_with(10 * MINUTE - 1, Some(listed("s"))).kept, ids(["s"]));
        assert_eq!(done_with(10 * MINUTE, Some(listed("s"))).close[0].why, Why::Unused);
        assert_eq!(done_with(HOUR - 1, Some(connected.clone())).kept, ids(["s"]));
        assert_eq!(done_with(HOUR, Some(connected)).close[0].why, Why::TooOld);
        assert_eq!(done_with(15 * MINUTE - 1, Some(left.clone())).kept, ids(["s"]));
        assert_eq!(done_with(15 * MINUTE, Some(left)).close[0].why, Why::Unused);
    }

    #[test]
    fn how_long_nobody_was_connected_goes_by_our_clock() {
        for their_zero in [1, 1_000 * HOUR] {
            let [start_time, connection_start_time, connection_end_time] =
                [0, 1, 5 * MINUTE].map(|at_ms| Some(their_zero + at_ms));
            let left = Session { start_time, connection_start_time, connection_end_time, ..listed("s") };
            assert_eq!(done_with(15 * MINUTE - 1, Some(left.clone())).kept, ids(["s"]));
            assert_eq!(done_with(15 * MINUTE, Some(left)).close[0].why, Why::Unused);
        }
        let ahead = Session { connection_start_time: Some(1), connection_end_time: Some(u64::MAX), ..listed("s") };
        assert_eq!(done_with(15 * MINUTE, Some(ahead)).kept, ids(["s"]));
    }

    #[test]
    fn a_session_that_ended_by_itself_keeps_browser_runs_own_reason() {
        let ended = Session { end_time: Some(7), close_reason_text: Some("BrowserIdle".to_owned()), ..listed("s") };
        let ending = |lived_ms| Ending { reason: EndReason::Reported("BrowserIdle".to_owned()), lived_ms };
        for (start_time, lived_ms) in [(None, None), (Some(3), Some(4)), (Some(8), None)] {
            let plan = done_with(2 * HOUR, Some(Session { start_time, ..ended.clone() }));
            let expected = Ended { session_id: "s".into(), ending: ending(lived_ms) };
            assert_eq!((plan.ended, plan.close), (vec![expected], vec![]));
        }
    }

    #[test]
    fn a_session_that_is_not_listed_is_kept_until_it_is_asked_for() {
        let ours = [SessionRecord::for_tests("s", 0)];
        let mut seen = seen(vec![listed("theirs")]);
        assert_eq!(to_ask(MINUTE - 1, &Policy::for_tests(), &ours, &seen, 9), ids([]), "it was heard of just now");
        assert_eq!(to_ask(MINUTE, &Policy::for_tests(), &ours, &seen, 9), ids(["s"]));
        assert_eq!(plan(30 * MINUTE, &Policy::for_tests(), &ours, &seen).kept, ids(["s"]));
        assert_eq!(to_ask(HOUR, &Policy::for_tests(), &ours, &seen, 9), ids([]), "it is closed anyway");
        assert_eq!(plan(HOUR, &Policy::for_tests(), &ours, &seen).close[0].why, Why::TooOld);
        seen.answered("s".into(), Some(listed("s")));
        assert_eq!(plan(30 * MINUTE, &Policy::for_tests(), &ours, &seen).close[0].why, Why::Unused);
        seen.answered("s".into(), None);
        assert_eq!(plan(30 * MINUTE, &Policy::for_tests(), &ours, &seen).ended[0].ending.reason, EndReason::Gone);
    }

    #[test]
    fn the_longest_unheard_of_is_asked_for_first() {
        let mut ours = ["a", "b", "c", "d"].map(|id| SessionRecord::for_tests(id, 0));
        for (record, asked_at_ms) in ours.iter_mut().zip([Some(3), None, Some(2), None]) {
            record.asked_at_ms = asked_at_ms;
        }
        ours[1].clicked_at_ms = 1;
        assert_eq!(to_ask(2 * MINUTE, &Policy::for_tests(), &ours, &Seen::default(), 3), ids(["d", "b", "c"]));
    }

    #[test]
    fn closes_come_by_how_long_they_are_due_and_failed_ones_wait() {
        let mut failed = SessionRecord::for_tests("failed", 0);
        failed.state = State::Closing;
        failed.close_failed(2 * HOUR);
        let mut again = SessionRecord::for_tests("again", 0);
        again.state = State::Closing;
        again.close_failed(2 * HOUR - MINUTE);
        let ours = [again, SessionRecord::for_tests("young", 2), SessionRecord::for_tests("old", 1), failed];
        let gone = Session { end_time: Some(1), ..listed("theirs, ended") };
        let seen = seen(vec![listed("theirs"), gone, listed("young"), listed("old"), listed("failed")]);
        let plan = plan(2 * HOUR, &Policy::for_tests(), &ours, &seen);
        let closed: Vec<_> = plan.close.iter().map(|close| close.session_id.clone()).collect();
        assert_eq!((closed, plan.foreign, plan.kept), (ids(["old", "young", "again"]), 1, ids(["failed"])));
    }

    #[test]
    fn every_job_has_its_share_of_the_calls() {
        for budget in 2..200 {
            let mut seen = Seen { calls: Seen::list_calls(budget), ..Seen::default() };
            let asks = seen.ask_calls(budget);
            seen.calls += asks;
            assert!(asks >= 1 && seen.calls_left(budget) >= asks, "{budget}");
        }
    }
}
