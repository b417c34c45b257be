//! How long browsers have run: by UTC days, and whose they were. A day's time is kept when its session's row is forgotten.

use super::limits::usage_begins_ms;
use crate::domain::time::month_begins_ms;
use browser_run_api::DAY_MS;
use lean_json::{FromJson, ToJson};
use std::iter;

/// What a browser has run on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DayTime {
    /// Counted from 1970.
    pub(super) day: u64,
    pub(super) caller: String,
    pub(super) ms: u64,
}

/// Milliseconds of this UTC day and month so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ToJson, FromJson)]
pub(crate) struct BrowserTime {
    pub(crate) today_ms: u64,
    pub(crate) month_ms: u64,
}

impl BrowserTime {
    /// Adds a browser that has been running since then.
    pub(super) fn add_running(&mut self, opened_at_ms: u64, now_ms: u64) {
        let since = |begins_ms: u64| now_ms.saturating_sub(opened_at_ms.max(begins_ms));
        self.today_ms += since(usage_begins_ms(now_ms));
        self.month_ms += since(month_begins_ms(now_ms));
    }

    /// The hundredths of cents that it costs by Browser Run's price, $0.09 an hour:
    /// <https://developers.cloudflare.com/browser-rendering/platform/pricing/>
    pub(crate) fn price(ms: u64) -> u64 {
        ms * 900 / 3_600_000
    }
}

/// The days that a caller's browser has run on, from its beginning to its end.
pub(super) fn by_day(caller: &str, opened_at_ms: u64, ended_at_ms: u64) -> impl Iterator<Item = DayTime> {
    let mut from_ms = opened_at_ms;
    iter::from_fn(move || {
        let day = from_ms / DAY_MS;
        let until_ms = ended_at_ms.min((day + 1) * DAY_MS);
        let ms = until_ms.checked_sub(from_ms).filter(|ms| *ms > 0)?;
        from_ms = until_ms;
        Some(DayTime { day, caller: caller.to_owned(), ms })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browsers_time_is_each_days_own() {
        let days = |opened_at_ms, ended_at_ms| {
            by_day("ada", opened_at_ms, ended_at_ms).map(|time| (time.day, time.ms)).collect::<Vec<_>>()
        };
        assert_eq!(days(5, 5), []);
        assert_eq!(days(9, 5), [], "by a clock that was set back");
        assert_eq!(days(5, DAY_MS), [(0, DAY_MS - 5)]);
        assert_eq!(days(DAY_MS - 1, 2 * DAY_MS + 7), [(0, 1), (1, DAY_MS), (2, 7)]);
    }

    #[test]
    fn what_runs_counts_from_the_beginning_of_the_day_and_of_the_month() {
        // The second of January, one o'clock.
        let now_ms = DAY_MS + 3_600_000;
        let mut time = BrowserTime::default();
        time.add_running(now_ms - 1_000, now_ms);
        time.add_running(0, now_ms);
        assert_eq!(time, BrowserTime { today_ms: 3_601_000, month_ms: now_ms + 1_000 });
        assert_eq!([BrowserTime::price(3_600_000), BrowserTime::price(4_000)], [900, 1]);
    }
}
