//! What is counted, for operators. It is counted in memory, by commands that come anyway, and stored a few seconds later: no
//! click waits for it, and what is counted right before a crash is lost.
//!
//! - [`text`]: as Prometheus reads it

mod text;

pub(super) use text::{Gauges, text};

use crate::domain::upstream_call::{FAILURES, STEPS};
use crate::domain::{SweepReport, UpstreamCall};
use from_json::FromJson;
use serde::Serialize;

/// What becomes of clicks.
const OUTCOMES: [&str; 5] = ["acquired", "reused", "joined", "refused", "failed"];
/// The upper bounds of what calls take, in milliseconds.
const BOUNDS_MS: [u64; 8] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

/// What was counted, and whether all of it is stored.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    counts: Counts,
    is_unsaved: bool,
}

/// All counters, as they are stored: by names, so that one that is added begins at nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, FromJson)]
pub(super) struct Counts {
    /// By outcome.
    #[serde(default)]
    clicks: Vec<Count>,
    /// By step.
    #[serde(default)]
    calls: Vec<StepCalls>,
    #[serde(default)]
    failures: Vec<StepFailures>,
    /// The browser time of sessions that have ended.
    #[serde(default)]
    browser_ms: u64,
    #[serde(default)]
    clean_ups: u64,
    /// Sessions that clean-ups closed.
    #[serde(default)]
    closed: u64,
    /// Sessions that clean-ups could not close, counted each time.
    #[serde(default)]
    failed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromJson)]
struct Count {
    name: String,
    count: u64,
}

/// What calls of one step took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromJson)]
struct StepCalls {
    step: String,
    /// How many took as long as each of [`BOUNDS_MS`] and longer than the one before; the last: longer than all.
    buckets: Vec<u64>,
    total_ms: u64,
}

/// How often calls of one step failed in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromJson)]
struct StepFailures {
    step: String,
    kind: String,
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
    pub(super) fn click(&mut self, outcome: &'static str) {
        self.is_unsaved = true;
        match self.counts.clicks.iter_mut().find(|one| one.name == outcome) {
            Some(one) => one.count += 1,
            None => self.counts.clicks.push(Count { name: outcome.to_owned(), count: 1 }),
        }
    }

    /// These calls were made of Browser Run.
    pub(super) fn calls(&mut self, calls: &[UpstreamCall]) {
        self.is_unsaved |= !calls.is_empty();
        for UpstreamCall { step, ms, failure } in calls {
            let step = known(&STEPS, step);
            self.counts.took(step, *ms);
            if let Some(kind) = failure {
                self.counts.failed(step, known(&FAILURES, kind));
            }
        }
    }

    /// A session has ended after so long.
    pub(super) fn ended(&mut self, lived_ms: u64) {
        self.is_unsaved = true;
        self.counts.browser_ms += lived_ms;
    }

    /// A clean-up has come to its end.
    pub(super) fn clean_up(&mut self, report: &SweepReport) {
        self.is_unsaved = true;
        self.counts.clean_ups += 1;
        self.counts.closed += report.closed.len() as u64;
        self.counts.failed += report.failed.len() as u64;
    }
}

impl Counts {
    fn took(&mut self, step: &str, ms: u64) {
        let index = self.calls.iter().position(|calls| calls.step == step).unwrap_or_else(|| {
            self.calls.push(StepCalls { step: step.to_owned(), buckets: Vec::new(), total_ms: 0 });
            self.calls.len() - 1
        });
        let calls = &mut self.calls[index];
        calls.buckets.resize(BOUNDS_MS.len() + 1, 0);
        calls.buckets[BOUNDS_MS.partition_point(|bound_ms| *bound_ms < ms)] += 1;
        calls.total_ms += ms;
    }

    fn failed(&mut self, step: &str, kind: &str) {
        match self.failures.iter_mut().find(|one| one.step == step && one.kind == kind) {
            Some(one) => one.count += 1,
            None => self.failures.push(StepFailures { step: step.to_owned(), kind: kind.to_owned(), count: 1 }),
        }
    }
}

/// One of these names: another version of the Worker may know others, and none is made up.
fn known<'a>(names: &[&'a str], name: &str) -> &'a str {
    names.iter().find(|known| **known == name).unwrap_or(&"other")
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
        let stored = serde_json::to_string(metrics.counts()).unwrap();
        let expected = r#"{"clicks":[{"name":"acquired","count":1}],"calls":[{"step":"acquire","buckets":[1,1,0,0,0,0,0,0,0],"total_ms":201},{"step":"other","buckets":[0,0,0,0,0,0,0,0,1],"total_ms":99999}],"failures":[{"step":"acquire","kind":"limited","count":1},{"step":"other","kind":"other","count":1}],"browser_ms":5,"clean_ups":0,"closed":0,"failed":0}"#;
        assert_eq!(stored, expected);
        let mut again = Metrics::new(from_json::read(&stored).unwrap());
        assert!(!again.is_unsaved() && again.counts() == metrics.counts());
        again.click("acquired");
        assert!(again.is_unsaved() && again.counts().clicks[0].count == 2);
        assert_eq!(from_json::read::<Counts>("{}").unwrap(), Counts::default(), "of a version that knew none");
    }
}
