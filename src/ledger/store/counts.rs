//! The counters' row.

use super::Store;
use crate::ledger::metrics::Counts;
use crate::ledger::unanswered::StoreError;

impl Store {
    /// What was counted so far. What can't be read is told, and begins at nothing.
    pub(in crate::ledger) fn counts(&self) -> Result<Counts, StoreError> {
        let stored = self.rows("SELECT counts FROM metrics", &[])?.pop();
        let read = stored.map(|(counts,): (String,)| lean_json::read(&counts)).transpose();
        Ok(read
            .unwrap_or_else(|why| {
                self.database.warn(&format!("the counters can't be read: {why}"));
                None
            })
            .unwrap_or_default())
    }

    pub(in crate::ledger) fn save_counts(&self, counts: &Counts) -> Result<(), StoreError> {
        self.run("INSERT OR REPLACE INTO metrics VALUES (0, ?)", &[&lean_json::write(counts)])
    }
}
