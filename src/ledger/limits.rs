//! How much one caller, and all together, may open.

use super::Ledger;
use crate::caller::Caller;
use crate::ledger::{SessionRecord, State};
use serde::{Deserialize, Serialize};

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
/// When another of the caller's sessions may have ended.
const SESSIONS_RETRY_SECONDS: u64 = 60;

/// Why a click opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("this link is not known here any more")]
    LinkUnknown,
    #[error("this link was revoked")]
    LinkRevoked,
    #[error("this link was for {max_opens} browser(s), and they have been opened")]
    LinkUsedUp { max_opens: u32 },
    #[error("{caller} has {limit} sessions open already (MAX_SESSIONS_PER_CALLER)")]
    Sessions { caller: String, limit: usize, retry_after_seconds: u64 },
    #[error("{caller} has opened {limit} pages within a minute (MAX_OPENS_PER_MINUTE)")]
    Opens { caller: String, limit: usize, retry_after_seconds: u64 },
    #[error("the day's {minutes} browser minutes are used up (MAX_BROWSER_MINUTES_PER_DAY)")]
    BrowserTime { minutes: u64, retry_after_seconds: u64 },
}

/// What has been opened of late.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// Each click of the last minute that opened something, and whose it was.
    opens: Vec<(String, u64)>,
    /// The browser time of sessions that have ended, on this day (counted from 1970).
    ended: (u64, u64),
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
    /// The last page that a caller opened was none.
    pub(super) fn give_back_open(&mut self, name: &str) {
        if let Some(index) = self.opens.iter().rposition(|(caller, _)| caller == name) {
            self.opens.remove(index);
        }
    }

    /// Counts a session that has ended.
    pub(super) fn count_ended(&mut self, record: &SessionRecord) {
        let Some(ended_at_ms) = record.ended_at_ms else { return };
        let day = ended_at_ms / DAY_MS;
        if self.ended.0 < day {
            self.ended = (day, 0);
        }
        if self.ended.0 == day {
            self.ended.1 += ended_at_ms.saturating_sub(record.opened_at_ms.max(day * DAY_MS));
        }
    }
}

impl Ledger {
    /// Counts a page, if the limits allow it: everything that may refuse is asked first. A signed link's own number of
    /// browsers stands for its holders' limits.
    pub(super) fn count_open(
        &mut self,
        caller: &Caller,
        link: Option<&str>,
        acquire: bool,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        if acquire {
            self.check_browser_time(now_ms)?;
        }
        if link.is_some() {
            return Ok(());
        }
        if acquire {
            self.check_browsers(caller)?;
        }
        self.check_opens(caller, now_ms)?;
        self.usage.opens.push((caller.name.clone(), now_ms));
        Ok(())
    }

    /// Whether this caller may open another page now.
    fn check_opens(&mut self, caller: &Caller, now_ms: u64) -> Result<(), Refusal> {
        let limit = self.policy.max_opens_per_minute;
        self.usage.opens.retain(|(_, at_ms)| at_ms + MINUTE_MS > now_ms);
        let mut own = self.usage.opens.iter().filter(|(name, _)| *name == caller.name);
        if own.clone().count() >= limit {
            let oldest_ms = own.next().map_or(now_ms, |(_, at_ms)| *at_ms);
            let retry_after_seconds = (oldest_ms + MINUTE_MS - now_ms).div_ceil(1_000);
            return Err(Refusal::Opens { caller: caller.name.clone(), limit, retry_after_seconds });
        }
        Ok(())
    }

    /// Whether this caller may have another browser now.
    fn check_browsers(&self, caller: &Caller) -> Result<(), Refusal> {
        let limit = self.policy.max_sessions_per_caller;
        let open = self.sessions.values().filter(|session| session.is_used_by(&caller.name));
        let open =
            open.filter(|session| session.state != State::Ended).count() + self.claims.acquiring_by(&caller.name);
        if open >= limit {
            let retry_after_seconds = SESSIONS_RETRY_SECONDS;
            return Err(Refusal::Sessions { caller: caller.name.clone(), limit, retry_after_seconds });
        }
        Ok(())
    }

    /// Whether all together may have another browser today.
    fn check_browser_time(&self, now_ms: u64) -> Result<(), Refusal> {
        let Some(limit_ms) = self.policy.max_browser_ms_per_day else { return Ok(()) };
        let today = now_ms / DAY_MS;
        let ended_ms = if self.usage.ended.0 == today { self.usage.ended.1 } else { 0 };
        let running = self.sessions.values().filter(|session| session.state != State::Ended);
        let running_ms: u64 =
            running.map(|session| now_ms.saturating_sub(session.opened_at_ms.max(today * DAY_MS))).sum();
        if ended_ms + running_ms < limit_ms {
            return Ok(());
        }
        let retry_after_seconds = ((today + 1) * DAY_MS - now_ms).div_ceil(1_000);
        Err(Refusal::BrowserTime { minutes: limit_ms / MINUTE_MS, retry_after_seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::click::Click;
    use crate::config::{Config, Policy};
    use crate::ledger::Claim;

    fn ledger(policy: Policy) -> Ledger {
        Ledger::new(policy, [], [])
    }

    fn policy() -> Policy {
        Config::for_tests().policy
    }

    fn click(page: usize) -> Click {
        Click::from_query(&format!("url=https://e.com/{page}&fresh"), 600).unwrap()
    }

    /// Opens a session, or says why not.
    fn open(ledger: &mut Ledger, caller: &Caller, page: usize, now_ms: u64) -> Result<(), Refusal> {
        match ledger.claim(caller, &click(page), None, now_ms) {
            Claim::Acquire { claim } => {
                ledger.session_opened(claim, format!("s{page}"), caller, &click(page), None, now_ms)?;
                ledger.tab_opened(claim, &format!("s{page}"), "T".to_owned(), &click(page), now_ms).map(drop)
            }
            Claim::Refused(refusal) => Err(refusal),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_caller_has_so_many_sessions_and_opens_so_many_pages() {
        let mut ledger = ledger(Policy { max_sessions_per_caller: 2, max_opens_per_minute: 4, ..policy() });
        let ada = Caller::known("ada");
        assert_eq!([open(&mut ledger, &ada, 1, 0), open(&mut ledger, &ada, 2, 0)], [Ok(()), Ok(())]);
        assert!(matches!(open(&mut ledger, &ada, 3, 1), Err(Refusal::Sessions { limit: 2, .. })));
        assert_eq!(open(&mut ledger, &Caller::known("bob"), 4, 1), Ok(()));
        ledger.ended("s1", "gone", 2);
        assert_eq!(open(&mut ledger, &ada, 5, 3), Ok(()));
        ledger.ended("s5", "gone", 4);
        assert_eq!(open(&mut ledger, &ada, 6, 5), Ok(()));
        ledger.ended("s6", "gone", 6);
        let refused = open(&mut ledger, &ada, 7, 10_000);
        assert!(matches!(refused, Err(Refusal::Opens { limit: 4, retry_after_seconds: 50, .. })), "{refused:?}");
    }

    #[test]
    fn a_days_browser_minutes_are_for_all_together() {
        let mut ledger = ledger(Policy { max_browser_ms_per_day: Some(10 * MINUTE_MS), ..policy() });
        let noon = 100 * DAY_MS + DAY_MS / 2;
        assert_eq!(open(&mut ledger, &Caller::known("ada"), 1, noon), Ok(()));
        ledger.ended("s1", "gone", noon + 6 * MINUTE_MS);
        ledger.take_changed();
        assert_eq!(open(&mut ledger, &Caller::known("bob"), 2, noon + 6 * MINUTE_MS), Ok(()));
        let refused = open(&mut ledger, &Caller::known("ada"), 3, noon + 10 * MINUTE_MS);
        let retry_after_seconds = 12 * 3_600 - 600;
        assert_eq!(refused, Err(Refusal::BrowserTime { minutes: 10, retry_after_seconds }));
        ledger.ended("s2", "gone", noon + 10 * MINUTE_MS);
        assert_eq!(open(&mut ledger, &Caller::known("ada"), 4, 101 * DAY_MS), Ok(()), "the next day");
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
                let mut ledger = ledger(limit(minutes));
                assert_eq!(open(&mut ledger, &Caller::known("ada"), 1, noon), Ok(()));
                ledger.ended_after("s1", "BrowserIdle", lived_ms, noon + 10 * MINUTE_MS);
                let ended = ledger.take_changed();
                assert!((noon..=noon + 10 * MINUTE_MS).contains(&ended[0].ended_at_ms.unwrap()));
                // A restart changes nothing.
                for mut ledger in [ledger, Ledger::new(limit(minutes), ended, [])] {
                    let next = open(&mut ledger, &Caller::known("bob"), 2, noon + 10 * MINUTE_MS);
                    assert_eq!(next.is_err(), is_refused, "{lived_ms:?} {minutes}: {next:?}");
                }
            }
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
