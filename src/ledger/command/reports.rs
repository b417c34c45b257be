//! What clean-ups did.

use super::Command;
use crate::domain::SweepReport;
use crate::ledger::limits::history_begins_ms;
use crate::ledger::rules::Ledger;
use crate::ledger::unanswered::Unanswered;
use lean_json::{FromJson, ToJson};

/// Keeps what a clean-up did. Each also forgets what ended too long ago.
#[derive(Debug, ToJson, FromJson)]
#[serde(transparent)]
pub(crate) struct SaveReport(pub(crate) SweepReport);

/// What the last clean-up did.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct LastReport {}

impl Command for SaveReport {
    type Answer = ();

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<(), Unanswered> {
        ledger.store.forget(history_begins_ms(now_ms, ledger.policy.history_ms))?;
        Ok(ledger.store.save_report(&self.0)?)
    }
}

impl Command for LastReport {
    type Answer = Option<SweepReport>;

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<Option<SweepReport>, Unanswered> {
        Ok(ledger.store.last_report()?)
    }
}
