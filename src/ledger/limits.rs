//! How much one caller, and all together, may open. Pure: over what the ledger counts.

use super::unanswered::Refusal;
use crate::domain::{Map, Policy, SessionRecord};
use browser_run_api::DAY_MS;
use std::collections::VecDeque;

const MINUTE_MS: u64 = 60_000;
/// When another of the caller's sessions may have ended.
const SESSIONS_RETRY_SECONDS: u64 = 60;

/// What has been opened of late.
#[derive(Debug)]
pub(super) struct Usage {
    /// Each click of the last minute that opened something, the oldest first.
    opens: VecDeque<Open>,
    /// How many of those are whose.
    opens_by_caller: Map<String, usize>,
    /// The day that `ended_ms` is about, counted from 1970.
    day: u64,
    /// The browser time of sessions that have ended on that day.
    ended_ms: u64,
}

#[derive(Debug)]
struct Open {
    caller: String,
    at_ms: u64,
}

/// Since when what has ended counts for the day's browser minutes.
pub(crate) fn usage_begins_ms(now_ms: u64) -> u64 {
    now_ms - now_ms % DAY_MS
}

/// Since when ended sessions are remembered.
pub(crate) fn history_begins_ms(now_ms: u64, history_ms: u64) -> u64 {
    now_ms.saturating_sub(history_ms).min(usage_begins_ms(now_ms))
}

impl Usage {
    /// What was used on the day of `now_ms`, as far as it has ended.
    pub(super) fn new(ended_ms: u64, now_ms: u64) -> Self {
        Self { opens: VecDeque::new(), opens_by_caller: Map::default(), day: now_ms / DAY_MS, ended_ms }
    }

    /// Counts a session that has ended.
    pub(super) fn count_ended(&mut self, record: &SessionRecord) {
        let Some(ended_at_ms) = record.ended_at_ms else { return };
        let day = ended_at_ms / DAY_MS;
        if self.day < day {
            (self.day, self.ended_ms) = (day, 0);
        }
        if self.day == day {
            self.ended_ms += ended_at_ms.saturating_sub(record.opened_at_ms.max(day * DAY_MS));
        }
    }

    /// Counts a page that a caller opened.
    pub(super) fn count_open(&mut self, caller: &str, now_ms: u64) {
        self.opens.push_back(Open { caller: caller.to_owned(), at_ms: now_ms });
        *self.opens_by_caller.entry(caller.to_owned()).or_default() += 1;
    }

    /// The last page that a caller opened was none.
    pub(super) fn give_back_open(&mut self, caller: &str) {
        let last = self.opens.iter().rposition(|open| open.caller == caller);
        let last = last.and_then(|index| self.opens.remove(index));
        self.forget(last);
    }

    /// Whether this caller may open another page now.
    pub(super) fn check_opens(&mut self, policy: &Policy, caller: &str, now_ms: u64) -> Result<(), Refusal> {
        let limit = policy.max_opens_per_minute;
        if self.opens_of(caller, now_ms) < limit {
            return Ok(());
        }
        let oldest_ms = self.opens.iter().find(|open| open.caller == caller).map_or(now_ms, |open| open.at_ms);
        let retry_after_seconds = (oldest_ms + MINUTE_MS - now_ms).div_ceil(1_000);
        Err(Refusal::Opens { caller: caller.to_owned(), limit, retry_after_seconds })
    }

    /// How many pages a caller has opened within the last minute.
    pub(super) fn opens_of(&mut self, caller: &str, now_ms: u64) -> usize {
        while self.opens.front().is_some_and(|open| open.at_ms + MINUTE_MS <= now_ms) {
            let over = self.opens.pop_front();
            self.forget(over);
        }
        self.opens_by_caller.get(caller).copied().unwrap_or_default()
    }

    fn forget(&mut self, open: Option<Open>) {
        let Some(Open { caller, .. }) = open else { return };
        match self.opens_by_caller.get_mut(&caller) {
            Some(opens) if *opens > 1 => *opens -= 1,
            _ => drop(self.opens_by_caller.remove(&caller)),
        }
    }

    /// Whether all together may have another browser today. `opened_at_ms`: of each session that has not ended.
    pub(super) fn check_browser_time(
        &self, policy: &Policy, opened_at_ms: impl Iterator<Item = u64>, now_ms: u64,
    ) -> Result<(), Refusal> {
        let Some(limit_ms) = policy.max_browser_ms_per_day else { return Ok(()) };
        if self.browser_ms_today(opened_at_ms, now_ms) < limit_ms {
            return Ok(());
        }
        let retry_after_seconds = (DAY_MS - now_ms % DAY_MS).div_ceil(1_000);
        Err(Refusal::BrowserTime { minutes: limit_ms / MINUTE_MS, retry_after_seconds })
    }

    /// How long browsers have run today. `opened_at_ms`: of each session that has not ended.
    pub(super) fn browser_ms_today(&self, opened_at_ms: impl Iterator<Item = u64>, now_ms: u64) -> u64 {
        let today = now_ms / DAY_MS;
        let ended_ms = if self.day == today { self.ended_ms } else { 0 };
        let running_ms = opened_at_ms.map(|opened_at_ms| now_ms.saturating_sub(opened_at_ms.max(today * DAY_MS)));
        ended_ms + running_ms.sum::<u64>()
    }
}

/// Whether a caller with so many sessions, open or being opened, may have another.
pub(super) fn check_sessions(policy: &Policy, caller: &str, sessions: usize) -> Result<(), Refusal> {
    let limit = policy.max_sessions_per_caller;
    if sessions < limit {
        return Ok(());
    }
    Err(Refusal::Sessions { caller: caller.to_owned(), limit, retry_after_seconds: SESSIONS_RETRY_SECONDS })
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Caller, EndReason, Ending};
    use crate::ledger::test_ledger::{TestLedger, click};
    use crate::ledger::{Decision, Unanswered};
    use browser_run_api::DAY_MS;

    fn policy() -> Policy {
        Policy::for_tests()
    }

    /// Opens a session, or says why not.
    fn open(ledger: &mut TestLedger, caller: &str, page: usize, now_ms: u64) -> Result<(), Refusal> {
        let click = click(&Caller::known(caller), &format!("url=https://e.com/{page}&fresh"));
        match ledger.begin(&click, now_ms) {
            Ok(Decision::Acquire { click_id }) => {
                ledger.record_session(click_id, &format!("s{page}"), &click, now_ms)?;
                ledger.record_tab(click_id, &format!("s{page}"), "T", &click, now_ms).map(drop)
            }
            Err(Unanswered::Refused(refusal)) => Err(refusal),
            other => panic!("{other:?}"),
        }
    }

    fn gone(ledger: &mut TestLedger, session_id: &str, now_ms: u64) {
        ledger.end(session_id, Ending::now(EndReason::Gone), now_ms);
    }

    #[test]
    fn a_caller_has_so_many_sessions_and_opens_so_many_pages() {
        let mut ledger = TestLedger::new(Policy { max_sessions_per_caller: 2, max_opens_per_minute: 4, ..policy() });
        assert_eq!([open(&mut ledger, "ada", 1, 0), open(&mut ledger, "ada", 2, 0)], [Ok(()), Ok(())]);
        assert!(matches!(open(&mut ledger, "ada", 3, 1), Err(Refusal::Sessions { limit: 2, .. })));
        assert_eq!(open(&mut ledger, "bob", 4, 1), Ok(()));
        gone(&mut ledger, "s1", 2);
        assert_eq!(open(&mut ledger, "ada", 5, 3), Ok(()));
        gone(&mut ledger, "s5", 4);
        assert_eq!(open(&mut ledger, "ada", 6, 5), Ok(()));
        gone(&mut ledger, "s6", 6);
        let refused = open(&mut ledger, "ada", 7, 10_000);
        assert!(matches!(refused, Err(Refusal::Opens { limit: 4, retry_after_seconds: 50, .. })), "{refused:?}");
    }

    #[test]
    fn a_days_browser_minutes_are_for_all_together() {
        let mut ledger = TestLedger::new(Policy { max_browser_ms_per_day: Some(10 * MINUTE_MS), ..policy() });
        let noon = 100 * DAY_MS + DAY_MS / 2;
        assert_eq!(open(&mut ledger, "ada", 1, noon), Ok(()));
        gone(&mut ledger, "s1", noon + 6 * MINUTE_MS);
        assert_eq!(open(&mut ledger, "bob", 2, noon + 6 * MINUTE_MS), Ok(()));
        let refused = open(&mut ledger, "ada", 3, noon + 10 * MINUTE_MS);
        let retry_after_seconds = 12 * 3_600 - 600;
        assert_eq!(refused, Err(Refusal::BrowserTime { minutes: 10, retry_after_seconds }));
        gone(&mut ledger, "s2", noon + 10 * MINUTE_MS);
        assert_eq!(open(&mut ledger, "ada", 4, 101 * DAY_MS), Ok(()), "the next day");
    }

    #[test]
    fn no_clock_but_our_own_lifts_a_days_browser_minutes() {
        let noon = 100 * DAY_MS + DAY_MS / 2;
        // How long Browser Run says that it lived, against the ten minutes that it did.
        for (lived_ms, counted_minutes) in
            [(None, 10), (Some(4 * MINUTE_MS), 4), (Some(DAY_MS), 10), (Some(u64::MAX), 10)]
        {
            let limit = |minutes| Policy { max_browser_ms_per_day: Some(minutes * MINUTE_MS), ..policy() };
            for (minutes, is_refused) in [(counted_minutes, true), (counted_minutes + 1, false)] {
                let mut ledger = TestLedger::new(limit(minutes));
                assert_eq!(open(&mut ledger, "ada", 1, noon), Ok(()));
                let reason = EndReason::Reported("BrowserIdle".to_owned());
                ledger.end("s1", Ending { reason, lived_ms }, noon + 10 * MINUTE_MS);
                let ended_at_ms = ledger.find("s1").unwrap().ended_at_ms.unwrap();
                assert!((noon..=noon + 10 * MINUTE_MS).contains(&ended_at_ms));
                // A restart changes nothing.
                let restarted = ledger.restarted(noon + 10 * MINUTE_MS);
                for mut ledger in [ledger, restarted] {
                    let next = open(&mut ledger, "bob", 2, noon + 10 * MINUTE_MS);
                    assert_eq!(next.is_err(), is_refused, "{lived_ms:?} {minutes}: {next:?}");
                }
            }
        }
    }

    #[test]
    fn of_a_session_that_was_open_at_midnight_the_new_day_counts() {
        let mut ledger = TestLedger::new(Policy { max_browser_ms_per_day: Some(10 * MINUTE_MS), ..policy() });
        let midnight = 100 * DAY_MS;
        assert_eq!(open(&mut ledger, "ada", 1, midnight - 5 * MINUTE_MS), Ok(()));
        gone(&mut ledger, "s1", midnight + 9 * MINUTE_MS);
        let restarted = ledger.restarted(midnight + 9 * MINUTE_MS);
        for mut ledger in [ledger, restarted] {
            assert_eq!(open(&mut ledger, "ada", 2, midnight + 9 * MINUTE_MS), Ok(()));
            let refused = open(&mut ledger, "ada", 3, midnight + 10 * MINUTE_MS);
            assert!(matches!(refused, Err(Refusal::BrowserTime { .. })), "{refused:?}");
            gone(&mut ledger, "s2", midnight + 9 * MINUTE_MS);
        }
    }

    #[test]
    fn what_counts_today_is_remembered_however_short_the_history() {
        let noon = 100 * DAY_MS + DAY_MS / 2;
        assert_eq!(history_begins_ms(noon, 0), usage_begins_ms(noon));
        assert_eq!(history_begins_ms(noon, DAY_MS), noon - DAY_MS);
        assert_eq!(usage_begins_ms(100 * DAY_MS), 100 * DAY_MS);
    }
}
