//! What holds of every clean-up, whatever Browser Run lists, leaves out, or fails at.

use super::mark;
use crate::domain::sweep::{plan, to_ask};
use crate::domain::{Close, Ended, Ending, Plan, Policy, Seen, SessionId, SessionRecord, State};
use crate::ledger::test_ledger::TestLedger;
use crate::ledger::{MarkClosing, OpenSessions, RecordEndings};
use browser_run_api::read::Session;
use proptest::prelude::*;
use std::collections::BTreeMap;

const HOUR: u64 = 60 * 60_000;

fn listed(session_id: &str) -> Session {
    Session { session_id: session_id.to_owned(), ..Session::default() }
}

/// Browser Run's sessions by id, ours among them, and the ledger, which knows ours alone.
#[derive(Debug)]
struct World {
    truth: BTreeMap<SessionId, Session>,
    ledger: TestLedger,
    policy: Policy,
    now_ms: u64,
}

/// Of up to eight sessions of ours some are gone, ended, connected or to be closed. Up to twelve are others'.
fn world() -> impl Strategy<Value = World> {
    let ours = proptest::collection::vec((0..3 * HOUR, 0..3 * HOUR, 0..5_u8), 0..8);
    (ours, 0..12_usize, 0..4 * HOUR).prop_map(|(ours, theirs, now_ms)| {
        let mut truth: BTreeMap<_, _> =
            (0..theirs).map(|id| format!("theirs-{id}")).map(|id| (id.as_str().into(), listed(&id))).collect();
        let mut records = Vec::new();
        for (number, (opened_at_ms, clicked_at_ms, state)) in ours.into_iter().enumerate() {
            let id = format!("ours-{number}");
            let mut record = SessionRecord::for_tests(&id, opened_at_ms);
            record.clicked_at_ms = opened_at_ms.max(clicked_at_ms);
            record.state = if state == 3 { State::Closing } else { State::Open };
            let session = Session {
                end_time: (state == 1).then_some(7),
                connection_start_time: (state == 2).then_some(1),
                ..listed(&id)
            };
            if state != 0 {
                truth.insert(id.into(), session);
            }
            records.push(record);
        }
        World { truth, ledger: TestLedger::holding(records), policy: Policy::for_tests(), now_ms }
    })
}

/// No, as often as it is asked.
fn never() -> bool {
    false
}

impl World {
    /// One run as the cron job does it, of which the plan is answered. `omits` says whether the list leaves out the next
    /// session, `fails` whether the next close fails.
    fn sweep(&mut self, budget: usize, mut omits: impl FnMut() -> bool, mut fails: impl FnMut() -> bool) -> Plan {
        let (ours, now_ms) = (self.ours(), self.now_ms);
        let mut seen = Seen::default();
        for _ in 0..Seen::list_calls(budget) {
            seen.listed(self.truth.values().filter(|_| !omits()).cloned().collect());
        }
        let asked = to_ask(now_ms, &self.policy, &ours, &seen, seen.ask_calls(budget));
        for id in &asked {
            seen.answered(id.clone(), self.truth.get(id).cloned());
        }
        let plan = plan(now_ms, &self.policy, &ours, &seen);
        for Ended { session_id, .. } in &plan.ended {
            assert!(self.truth.get(session_id).is_none_or(|session| session.end_time.is_some()), "{session_id} runs");
        }
        let found = RecordEndings { ended: plan.ended.clone(), asked, ..RecordEndings::default() };
        self.ledger.ask(&found, now_ms);
        let closing: Vec<_> = plan.close.iter().take(seen.calls_left(budget)).collect();
        let marked =
            self.ledger.ask(&MarkClosing { sessions: closing.iter().map(|close| mark(close)).collect() }, now_ms);
        assert_eq!(marked.len(), closing.len(), "all of them are ours");
        let mut told = RecordEndings::default();
        for Close { session_id, reason, .. } in closing {
            if fails() {
                told.close_failed.push(session_id.clone());
            } else {
                self.truth.remove(session_id);
                told.ended.push(Ended { session_id: session_id.clone(), ending: Ending::now(reason.clone()) });
            }
        }
        self.ledger.ask(&told, now_ms);
        plan
    }

    /// What the ledger holds.
    fn ours(&mut self) -> Vec<SessionRecord> {
        self.ledger.ask(&OpenSessions {}, self.now_ms)
    }

    /// Whose session is running, by the beginning of its id.
    fn running(&self, whose: &str) -> Vec<&Session> {
        let running = self.truth.values().filter(|session| session.end_time.is_none());
        running.filter(|session| session.session_id.starts_with(whose)).collect()
    }
}

proptest! {
    #[test]
    fn a_list_with_gaps_ends_nothing_that_runs_and_closes_nothing_foreign(
        mut world in world(),
        budget in 2..50_usize,
        omissions in proptest::collection::vec(any::<bool>(), 1..200),
    ) {
        let (foreign, mut omissions) = (world.running("theirs").len(), omissions.into_iter().cycle());
        for _ in 0..8 {
            // What is marked ended is looked at in there.
            world.sweep(budget, || omissions.next().unwrap_or(true), never);
            world.now_ms += 5 * 60_000;
        }
        prop_assert_eq!(world.running("theirs").len(), foreign);
    }

    #[test]
    fn unused_sessions_are_closed_within_a_few_runs_of_any_budget(
        mut world in world(),
        budget in 2..50_usize,
        omissions in proptest::collection::vec(any::<bool>(), 1..200),
    ) {
        world.policy.max_session_ms = 1_000 * HOUR;
        world.now_ms += 4 * HOUR;
        let mut omissions = omissions.into_iter().cycle();
        for _ in 0..3 * world.ours().len() {
            world.sweep(budget, || omissions.next().unwrap_or(true), never);
            world.now_ms += 5 * 60_000;
        }
        prop_assert!(world.running("ours").iter().all(|session| session.is_connected()), "{world:?}");
        let ours = world.ours().len();
        prop_assert_eq!(ours, world.running("ours").len());
    }

    #[test]
    fn everything_past_its_age_is_closed_or_has_ended(mut world in world()) {
        let (ours, now_ms) = (world.ours(), world.now_ms);
        let plan = world.sweep(100, never, never);
        for record in ours.iter().filter(|record| record.opened_at_ms + HOUR <= now_ms) {
            let closed = plan.close.iter().any(|close| close.session_id == record.session_id);
            let ended = plan.ended.iter().any(|ended| ended.session_id == record.session_id);
            prop_assert!(closed != ended, "{}", record.session_id);
        }
    }

    #[test]
    fn a_second_run_right_after_does_nothing(mut world in world()) {
        world.sweep(100, never, never);
        let second = world.sweep(100, never, never);
        prop_assert_eq!((second.close, second.ended), (vec![], vec![]));
    }

    #[test]
    fn whatever_fails_in_the_end_nothing_of_ours_is_left(
        mut world in world(),
        budget in 2..50_usize,
        faults in proptest::collection::vec(any::<bool>(), 0..40),
    ) {
        let (foreign, mut faults) = (world.running("theirs").len(), faults.into_iter());
        for _ in 0..60 {
            world.now_ms += 2 * HOUR;
            world.sweep(budget, || true, || faults.next().unwrap_or(false));
        }
        let ours = world.ours();
        prop_assert_eq!((ours, world.running("ours").len()), (vec![], 0));
        prop_assert_eq!(world.running("theirs").len(), foreign);
    }
}
