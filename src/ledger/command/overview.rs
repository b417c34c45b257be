//! What a caller's home shows.

use super::Command;
use crate::domain::time::month_begins_ms;
use crate::domain::{SessionRecord, State};
use crate::ledger::browser_time::BrowserTime;
use crate::ledger::rules::Ledger;
use crate::ledger::unanswered::Unanswered;
use browser_run_api::DAY_MS;
use lean_json::{FromJson, ToJson};

/// A caller's sessions, at most so many that are open and as many that have ended, and how much of everything is used.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct ReadOverview {
    pub(crate) caller: String,
    pub(crate) limit: u64,
}

/// The answer to [`ReadOverview`].
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct Overview {
    /// Newest first.
    pub(crate) sessions: Vec<SessionRecord>,
    /// Those that were recorded of the latest that have ended. None by a version that knows of none.
    #[serde(default)]
    pub(crate) recorded: Vec<SessionRecord>,
    /// Of `MAX_SESSIONS_PER_CALLER`: what signed links opened does not count.
    pub(crate) own_sessions: u64,
    /// Of `MAX_OPENS_PER_MINUTE`.
    pub(crate) opens: u64,
    pub(crate) own: BrowserTime,
    /// Of all callers together.
    pub(crate) all: BrowserTime,
}

impl Command for ReadOverview {
    type Answer = Overview;

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<Overview, Unanswered> {
        let Self { caller, limit } = self;
        let mut recorded = ledger.store.page_of(caller, Some(State::Ended), *limit, 0)?.0;
        recorded.retain(|session| session.recording);
        Ok(Overview {
            recorded,
            sessions: ledger.store.page_of(caller, Some(State::Open), *limit, 0)?.0,
            own_sessions: ledger.count_own(caller) as u64,
            opens: ledger.usage.opens_of(caller, now_ms) as u64,
            own: browser_time(ledger, Some(caller), now_ms)?,
            all: browser_time(ledger, None, now_ms)?,
        })
    }
}

fn browser_time(ledger: &Ledger, caller: Option<&str>, now_ms: u64) -> Result<BrowserTime, Unanswered> {
    let mut time = ledger.store.browser_time(caller, month_begins_ms(now_ms) / DAY_MS, now_ms / DAY_MS)?;
    let running = ledger.unended().filter(|session| caller.is_none_or(|caller| session.caller == caller));
    running.for_each(|session| time.add_running(session.opened_at_ms, now_ms));
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Caller, EndReason, Ending, Policy};
    use crate::ledger::SaveReport;
    use crate::ledger::test_ledger::{TestLedger, click};

    const MINUTE_MS: u64 = 60_000;

    fn overview(ledger: &mut TestLedger, caller: &str, now_ms: u64) -> Overview {
        ledger.ask(&ReadOverview { caller: caller.to_owned(), limit: 1 }, now_ms)
    }

    fn open(ledger: &mut TestLedger, caller: &str, session_id: &str, now_ms: u64) {
        ledger.open(&click(&Caller::known(caller), "url=https://e.com&fresh"), session_id, now_ms);
    }

    #[test]
    fn browser_time_is_ones_own_and_everybodys_of_today_and_of_the_month() {
        // 1970-02-03, one minute before midnight.
        let before = 34 * DAY_MS - MINUTE_MS;
        let mut ledger = TestLedger::new(Policy { history_ms: 0, ..Policy::for_tests() });
        open(&mut ledger, "ada", "s1", before);
        open(&mut ledger, "bob", "s2", before);
        ledger.end("s1", Ending::now(EndReason::Gone), before + 3 * MINUTE_MS);
        let now_ms = before + 4 * MINUTE_MS;
        open(&mut ledger, "ada", "s3", now_ms);
        // A restart and a clean-up, which forgets yesterday's sessions, change nothing.
        for _ in 0..2 {
            let seen = overview(&mut ledger, "ada", now_ms + MINUTE_MS);
            let time = |today, month| BrowserTime { today_ms: today * MINUTE_MS, month_ms: month * MINUTE_MS };
            assert_eq!((seen.own, seen.all), (time(2 + 1, 3 + 1), time(2 + 1 + 4, 3 + 1 + 5)));
            assert_eq!((seen.sessions.len(), seen.own_sessions), (1, 1));
            ledger = ledger.restarted(now_ms + MINUTE_MS);
            ledger.ask(&SaveReport(crate::domain::SweepReport::default()), now_ms + MINUTE_MS);
        }
        let of_march = overview(&mut ledger, "ada", 59 * DAY_MS);
        assert_eq!(
            (of_march.own.today_ms, of_march.own.month_ms),
            (0, 0),
            "a session that runs for days counts from the first"
        );
    }

    #[test]
    fn what_was_recorded_is_there_when_it_has_ended() {
        let mut ledger = TestLedger::new(Policy::for_tests());
        let recorded = |ledger: &mut TestLedger| overview(ledger, "ada", 9).recorded.len();
        for (now_ms, query, expected) in [(0, "&recording", 1), (5, "", 0)] {
            let session_id = format!("s{now_ms}");
            ledger.open(&click(&Caller::known("ada"), &format!("url=https://e.com&fresh{query}")), &session_id, now_ms);
            assert_eq!(recorded(&mut ledger), usize::from(now_ms > 0), "one that is open is not among them");
            ledger.end(&session_id, Ending::now(EndReason::Gone), now_ms + 1);
            assert_eq!(recorded(&mut ledger), expected, "of so many that ended last");
        }
        assert!(overview(&mut ledger, "bob", 9).recorded.is_empty());
    }

    #[test]
    fn what_is_used_of_the_limits_is_the_last_minutes() {
        let mut ledger = TestLedger::new(Policy::for_tests());
        open(&mut ledger, "ada", "s1", 0);
        open(&mut ledger, "ada", "s2", 30_000);
        let used = |ledger: &mut TestLedger, now_ms| {
            let seen = overview(ledger, "ada", now_ms);
            (seen.own_sessions, seen.opens)
        };
        assert_eq!([used(&mut ledger, 59_999), used(&mut ledger, 60_000)], [(2, 2), (2, 1)]);
        assert_eq!(overview(&mut ledger, "bob", 0).opens, 0);
    }
}
