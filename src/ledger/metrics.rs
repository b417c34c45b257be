//! What is counted, for operators. It is counted in memory, by commands that come anyway, and stored a few seconds later: no
//! click waits for it, and what is counted right before a crash is lost.
//!
//! - [`mod@text`]: as Prometheus reads it

mod text;

pub(super) use text::{Gauges, text};

use crate::domain::upstream_call::{FAILURES, OTHER, STEPS};
use crate::domain::{SweepReport, UpstreamCall};
use lean_json::{FromJson, ToJson};

/// What becomes of clicks.
const OUTCOMES: [&str; 5] = ["acquired", "reused", "joined", "refused", "failed"];
/// The upper bounds of what calls take, in milliseconds.
const BOUNDS_MS: [u64; 9] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, UNBOUNDED];
/// Nothing takes longer.
const UNBOUNDED: u64 = u64::MAX;

/// What was counted, and whether all of it is stored.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    counts: Counts,
    is_unsaved: bool,
}

/// All counters by name, as they are stored: one that is added begins at nothing, whichever version of the Worker stored it.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToJson, FromJson)]
pub(super) struct Counts {
    counts: Vec<Count>,
}

#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
struct Count {
    name: String,
    count: u64,
}

impl Metrics {
    /// With what was stored.
    pub(super) fn new(counts: Counts) -> Self {
        Self { counts, is_unsaved: false }
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(super) fn is_unsaved(&self) -> bool {
        self.is_unsaved
    }

    pub(super) fn saved(&mut self) {
        self.is_unsaved = false;
    }

    /// A click has come to this, one of [`OUTCOMES`].
    pub(super) fn click(&mut self, outcome: &str) {
        self.add(&format!("clicks {outcome}"), 1);
    }

    /// These calls were made of Browser Run.
    pub(super) fn calls(&mut self, calls: &[UpstreamCall]) {
        for UpstreamCall { step, ms, failure } in calls {
            let step = known(&STEPS, step);
            let bound_ms = BOUNDS_MS.iter().find(|bound_ms| *ms <= **bound_ms).unwrap_or(&UNBOUNDED);
            self.add(&took(step, *bound_ms), 1);
            self.add(&format!("total_ms {step}"), *ms);
            if let Some(kind) = failure {
                self.add(&format!("failures {step} {}", known(&FAILURES, kind)), 1);
            }
        }
    }

    /// A session has ended after so long.
    pub(super) fn ended(&mut self, lived_ms: u64) {
        self.add("browser_ms", lived_ms);
    }

    /// A clean-up has come to its end.
    pub(super) fn clean_up(&mut self, report: &SweepReport) {
        self.add("clean_ups", 1);
        self.add("closed", report.closed.len() as u64);
        // Each time anew.
        self.add("failed", report.failed.len() as u64);
    }

    fn add(&mut self, name: &str, more: u64) {
        self.is_unsaved = true;
        let counts = &mut self.counts.counts;
        match counts.iter_mut().find(|one| one.name == name) {
            Some(one) => one.count = one.count.saturating_add(more),
            None => counts.push(Count { name: name.to_owned(), count: more }),
        }
    }
}

impl Counts {
    fn get(&self, name: &str) -> u64 {
        self.counts.iter().find(|one| one.name == name).map_or(0, |one| one.count)
    }
}

/// The name of how many calls of a step took no longer than one of [`BOUNDS_MS`], and longer than the one before.
fn took(step: &str, bound_ms: u64) -> String {
    format!("took {step} {bound_ms}")
}

/// One of these names: another version of the Worker may know others, and none is made up.
fn known<'a>(names: &[&'a str], name: &str) -> &'a str {
    names.iter().find(|known| **known == name).unwrap_or(&OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(step: &str, ms: u64, failure: Option<&str>) -> UpstreamCall {
        UpstreamCall { step: step.to_owned(), ms, failure: failure.map(str::to_owned) }
    }

    #[test]
    fn what_is_counted_is_stored_and_read_again() {
        let mut metrics = Metrics::default();
        assert!(!metrics.is_unsaved());
        metrics.click("acquired");
        metrics.calls(&[
            call("acquire", 100, None),
            call("acquire", 101, Some("limited")),
            call("x", 99_999, Some("y")),
        ]);
        metrics.ended(5);
        let stored = lean_json::write(metrics.counts());
        let expected = r#"{"counts":[{"name":"clicks acquired","count":1},{"name":"took acquire 100","count":1},{"name":"total_ms acquire","count":201},{"name":"took acquire 250","count":1},{"name":"failures acquire limited","count":1},{"name":"took other 18446744073709551615","count":1},{"name":"total_ms other","count":99999},{"name":"failures other other","count":1},{"name":"browser_ms","count":5}]}"#;
        assert_eq!(stored, expected);
        let mut again = Metrics::new(lean_json::read(&stored).unwrap());
        assert!(!again.is_unsaved() && again.counts() == metrics.counts());
        again.click("acquired");
        assert_eq!((again.is_unsaved(), again.counts().get("clicks acquired")), (true, 2));
    }
}
