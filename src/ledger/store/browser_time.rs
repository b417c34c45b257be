//! What browsers have run, a row for each day and caller.

use super::Store;
use crate::ledger::browser_time::{BrowserTime, DayTime};
use crate::ledger::unanswered::StoreError;
use lean_json::ToJson;

/// So many days are remembered: a month, and the one before.
const DAYS: u64 = 62;

impl Store {
    pub(in crate::ledger) fn add_browser_time(&self, time: &DayTime) -> Result<(), StoreError> {
        let add = "INSERT INTO browser_time VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET ms = ms + excluded.ms";
        self.run(add, &[&time.day, &time.caller, &time.ms])
    }

    /// What has ended of a caller's browsers, or of all, since the first day of a month.
    pub(in crate::ledger) fn browser_time(
        &self, caller: Option<&str>, month_begins: u64, today: u64,
    ) -> Result<BrowserTime, StoreError> {
        let of = if caller.is_some() { "caller = ?" } else { "? IS NULL" };
        let sum = |from: u64| {
            let values: [&dyn ToJson; 2] = [&from, &caller];
            self.number(&format!("SUM(ms) FROM browser_time WHERE day >= ? AND {of}"), &values)
        };
        Ok(BrowserTime { today_ms: sum(today)?, month_ms: sum(month_begins)? })
    }

    pub(in crate::ledger) fn forget_browser_time(&self, today: u64) -> Result<(), StoreError> {
        self.run("DELETE FROM browser_time WHERE day < ?", &[&today.saturating_sub(DAYS)])
    }
}
