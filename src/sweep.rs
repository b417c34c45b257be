//! The clean-up's plan, as a pure function of the time, the rules, the ledger and Browser Run's list.
//!
//! Closes what is ours and too old, ours and unused, or ours and already marked for closing. What is not in the
//! ledger is counted, and left alone.

use crate::config::Policy;
use crate::ledger::{SessionRecord, State};
use browser_run_api::Session;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A session younger than this may be missing from Browser Run's list only because the list is older.
const LISTING_GRACE_MS: u64 = 60_000;

/// What Browser Run listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listing {
    pub(crate) sessions: Vec<Session>,
    /// Whether the whole list was read. If not, nothing is concluded from a session's absence.
    pub(crate) complete: bool,
}

/// What a clean-up is to do, oldest session first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) close: Vec<Close>,
    pub(crate) ended: Vec<Ended>,
    pub(crate) kept: Vec<String>,
    /// How many open sessions on the account are not ours.
    pub(crate) foreign: usize,
}

/// A session to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Close {
    pub(crate) session_id: String,
    pub(crate) why: Why,
    /// When it was last clicked as far as this plan knows: a later click saves it.
    pub(crate) clicked_at_ms: u64,
}

/// A session of ours that has ended by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) session_id: String,
    /// Browser Run's own reason, where it gave one.
    pub(crate) reason: String,
    pub(crate) ended_at_ms: Option<u64>,
}

/// Why a session is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::TooOld => "too_old",
            Self::Unused => "unused",
            Self::Marked => "marked",
        }
    }
}

/// What one clean-up did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SweepReport {
    pub(crate) started_at_ms: u64,
    /// Whether this only says what would be done.
    pub(crate) dry_run: bool,
    pub(crate) closed: Vec<Closed>,
    /// Found to have ended by themselves.
    pub(crate) ended: usize,
    pub(crate) kept: usize,
    pub(crate) failed: Vec<Failed>,
    /// Left for the next run, which takes them first.
    pub(crate) postponed: usize,
    /// Open sessions on the account that are not ours.
    pub(crate) foreign: usize,
    /// Why Browser Run's list could not be read in full.
    pub(crate) list_error: Option<String>,
}

/// A session that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Closed {
    pub(crate) session_id: String,
    pub(crate) why: Why,
}

/// A session that could not be closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Failed {
    pub(crate) session_id: String,
    pub(crate) error: String,
}

/// Plans a clean-up. `ours` are the sessions of the ledger that have not ended, as they were before `listing` was read.
pub(crate) fn plan(now_ms: u64, policy: &Policy, ours: &[SessionRecord], listing: &Listing) -> Plan {
    let mut listed: HashMap<&str, &Session> =
        listing.sessions.iter().map(|session| (session.session_id.as_str(), session)).collect();
    let mut oldest_first: Vec<_> = ours.iter().filter(|record| record.state != State::Ended).collect();
    oldest_first.sort_by_key(|record| record.opened_at_ms);
    let mut plan = Plan::default();
    for record in oldest_first {
        let session = listed.remove(record.session_id.as_str());
        let session_id = record.session_id.clone();
        if let Some((reason, ended_at_ms)) = has_ended(now_ms, record, session, listing.complete) {
            plan.ended.push(Ended { session_id, reason, ended_at_ms });
        } else if let Some(why) = why_close(now_ms, policy, record, session) {
            plan.close.push(Close { session_id, why, clicked_at_ms: record.clicked_at_ms });
        } else {
            plan.kept.push(session_id);
        }
    }
    plan.foreign = listed.values().filter(|session| session.end_time.is_none()).count();
    plan
}

fn has_ended(
    now_ms: u64,
    record: &SessionRecord,
    session: Option<&Session>,
    complete: bool,
) -> Option<(String, Option<u64>)> {
    match session {
        Some(session) => ending(session).map(|(reason, ended_at_ms)| (reason, Some(ended_at_ms))),
        None if complete && record.opened_at_ms + LISTING_GRACE_MS <= now_ms => {
            Some(("no longer listed".to_owned(), None))
        }
        None => None,
    }
}

/// Why and when a session has ended, if Browser Run says that it has.
pub(crate) fn ending(session: &Session) -> Option<(String, u64)> {
    Some((session.close_reason_text.clone().unwrap_or_else(|| "ended".to_owned()), session.end_time?))
}

fn why_close(now_ms: u64, policy: &Policy, record: &SessionRecord, session: Option<&Session>) -> Option<Why> {
    if record.close_retry_at_ms.is_some_and(|retry_at_ms| retry_at_ms > now_ms) {
        return None;
    }
    if record.state == State::Closing {
        return Some(Why::Marked);
    }
    if record.opened_at_ms + policy.max_session_ms <= now_ms {
        return Some(Why::TooOld);
    }
    let unused = session.filter(|session| !session.is_connected()).is_some_and(|session| {
        let used_at_ms = record.clicked_at_ms.max(session.connection_end_time.unwrap_or(0));
        used_at_ms + policy.idle_ms <= now_ms
    });
    unused.then_some(Why::Unused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::click::Click;
    use crate::config::Config;
    use crate::ledger::Ledger;
    use proptest::prelude::*;

    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;

    fn policy() -> Policy {
        Config::for_tests().policy
    }

    fn record(session_id: &str, opened_at_ms: u64) -> SessionRecord {
        let click = Click::from_query("url=https://e.com", 600).unwrap();
        SessionRecord::new(session_id.to_owned(), "ada".to_owned(), &click, opened_at_ms)
    }

    fn listed(session_id: &str) -> Session {
        Session { session_id: session_id.to_owned(), ..Session::default() }
    }

    fn listing(sessions: Vec<Session>) -> Listing {
        Listing { sessions, complete: true }
    }

    /// What is done with one session of ours, opened at 0.
    fn done_with(now_ms: u64, session: Option<Session>) -> Plan {
        plan(now_ms, &policy(), &[record("s", 0)], &listing(session.into_iter().collect()))
    }

    #[test]
    fn an_unused_session_is_closed_and_a_connected_one_kept() {
        let connected = Session { connection_start_time: Some(1), ..listed("s") };
        let left = Session { connection_end_time: Some(5 * MINUTE), ..connected.clone() };
        assert_eq!(done_with(10 * MINUTE - 1, Some(listed("s"))).kept, ["s"]);
        assert_eq!(done_with(10 * MINUTE, Some(listed("s"))).close[0].why, Why::Unused);
        assert_eq!(done_with(HOUR - 1, Some(connected.clone())).kept, ["s"]);
        assert_eq!(done_with(HOUR, Some(connected)).close[0].why, Why::TooOld);
        assert_eq!(done_with(15 * MINUTE - 1, Some(left.clone())).kept, ["s"]);
        assert_eq!(done_with(15 * MINUTE, Some(left)).close[0].why, Why::Unused);
    }

    #[test]
    fn what_ended_by_itself_is_marked_with_browser_runs_own_reason() {
        let ended = Session { end_time: Some(7), close_reason_text: Some("BrowserIdle".to_owned()), ..listed("s") };
        let plan = done_with(2 * HOUR, Some(ended));
        let expected = Ended { session_id: "s".to_owned(), reason: "BrowserIdle".to_owned(), ended_at_ms: Some(7) };
        assert_eq!((plan.ended, plan.close), (vec![expected], vec![]));
        assert_eq!(done_with(MINUTE, None).ended[0].reason, "no longer listed");
        assert_eq!(done_with(MINUTE - 1, None).kept, ["s"], "the list may be older than the session");
    }

    #[test]
    fn without_the_whole_list_only_age_counts() {
        let unread = Listing::default();
        assert_eq!(plan(30 * MINUTE, &policy(), &[record("s", 0)], &unread).kept, ["s"]);
        assert_eq!(plan(HOUR, &policy(), &[record("s", 0)], &unread).close[0].why, Why::TooOld);
    }

    #[test]
    fn others_are_counted_oldest_come_first_and_failed_closes_wait() {
        let mut failed = record("failed", 0);
        failed.state = State::Closing;
        failed.close_failed(2 * HOUR);
        let ours = [record("young", 2), record("old", 1), failed];
        let gone = Session { end_time: Some(1), ..listed("theirs, ended") };
        let list = listing(vec![listed("theirs"), gone, listed("young"), listed("old"), listed("failed")]);
        let plan = plan(2 * HOUR, &policy(), &ours, &list);
        let ids: Vec<_> = plan.close.iter().map(|close| close.session_id.as_str()).collect();
        assert_eq!((ids, plan.foreign, plan.kept), (vec!["old", "young"], 1, vec!["failed".to_owned()]));
    }

    /// A world of a few sessions: some ours, some not, some listed, some ended.
    fn world() -> impl Strategy<Value = (Vec<SessionRecord>, Listing, u64)> {
        let ours = proptest::collection::vec((0..12_u8, 0..3 * HOUR, 0..3 * HOUR, any::<bool>()), 0..8);
        let theirs = proptest::collection::vec(
            (0..12_u8, proptest::option::of(0..3 * HOUR), proptest::option::of(0..3 * HOUR), any::<bool>()),
            0..12,
        );
        (ours, theirs, any::<bool>(), 0..4 * HOUR).prop_map(|(ours, theirs, complete, now_ms)| {
            let mut records: Vec<SessionRecord> = Vec::new();
            for (id, opened, clicked, closing) in ours {
                let mut record = record(&format!("id-{id}"), opened);
                record.clicked_at_ms = opened.max(clicked);
                record.state = if closing { State::Closing } else { State::Open };
                if records.iter().all(|other| other.session_id != record.session_id) {
                    records.push(record);
                }
            }
            let sessions = theirs.into_iter().map(|(id, end, connected, over)| Session {
                end_time: end.filter(|_| over),
                connection_start_time: connected,
                ..listed(&format!("id-{id}"))
            });
            (records, Listing { sessions: sessions.collect(), complete }, now_ms)
        })
    }

    /// Has the ledger and Browser Run carry out a plan, as the cron job does. `fails` says whether a close fails.
    fn carry_out(plan: Plan, ledger: &mut Ledger, list: &mut Listing, now_ms: u64, mut fails: impl FnMut() -> bool) {
        for Ended { session_id, reason, ended_at_ms } in plan.ended {
            ledger.ended(&session_id, &reason, ended_at_ms.unwrap_or(now_ms));
        }
        for Close { session_id, why, .. } in plan.close {
            assert!(ledger.begin_closing(&session_id, u64::MAX, why.as_str()));
            if fails() {
                ledger.close_failed(&session_id, now_ms);
            } else {
                list.sessions.retain(|session| session.session_id != session_id);
                ledger.ended(&session_id, why.as_str(), now_ms);
            }
        }
        ledger.take_changed();
    }

    proptest! {
        #[test]
        fn nothing_that_is_not_ours_is_closed((ours, list, now_ms) in world()) {
            let plan = plan(now_ms, &policy(), &ours, &list);
            for close in &plan.close {
                prop_assert!(ours.iter().any(|record| record.session_id == close.session_id));
            }
        }

        #[test]
        fn everything_past_its_age_is_closed_or_has_ended((ours, list, now_ms) in world()) {
            let plan = plan(now_ms, &policy(), &ours, &list);
            for record in ours.iter().filter(|record| record.opened_at_ms + HOUR <= now_ms) {
                let closed = plan.close.iter().any(|close| close.session_id == record.session_id);
                let ended = plan.ended.iter().any(|ended| ended.session_id == record.session_id);
                prop_assert!(closed != ended, "{}", record.session_id);
            }
        }

        #[test]
        fn a_second_run_right_after_does_nothing((ours, mut list, now_ms) in world()) {
            let first = plan(now_ms, &policy(), &ours, &list);
            let mut ledger = Ledger::new(policy(), ours, []);
            carry_out(first, &mut ledger, &mut list, now_ms, || false);
            let second = plan(now_ms, &policy(), &ledger.sessions(), &list);
            prop_assert_eq!((second.close, second.ended), (vec![], vec![]));
        }

        #[test]
        fn whatever_fails_in_the_end_nothing_of_ours_is_left(
            (ours, mut list, now_ms) in world(),
            faults in proptest::collection::vec(any::<bool>(), 0..40),
        ) {
            let foreign: Vec<_> = list.sessions.iter().map(|session| session.session_id.clone())
                .filter(|id| ours.iter().all(|record| record.session_id != *id)).collect();
            let mut ledger = Ledger::new(policy(), ours, []);
            let mut faults = faults.into_iter();
            for run in 1..=60 {
                let now_ms = now_ms + 3 * HOUR + run * 2 * HOUR;
                let plan = plan(now_ms, &policy(), &ledger.sessions(), &list);
                carry_out(plan, &mut ledger, &mut list, now_ms, || faults.next().unwrap_or(false));
            }
            prop_assert_eq!(ledger.sessions(), vec![]);
            for id in foreign {
                prop_assert!(list.sessions.iter().any(|session| session.session_id == id), "{} is not ours", id);
            }
        }
    }
}
