//! The calls that one request makes of Browser Run: for its log line, for `server-timing`, and for what the ledger counts.

use super::{UpstreamError, UpstreamErrorKind};
use crate::domain::{SessionId, UpstreamCall};
use crate::log::Line;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// One call: what it took, and how it failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) step: &'static str,
    pub(crate) milliseconds: u64,
    /// Why there is no answer, in a word of [`kind`].
    pub(crate) failure: Option<&'static str>,
}

/// All calls of one request so far, in order. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(Rc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    timings: RefCell<Vec<Timing>>,
    /// How many of them the ledger was told.
    told: Cell<usize>,
    /// The session that was acquired to be recorded.
    recorded: RefCell<Option<SessionId>>,
}

impl Calls {
    /// What was called so far, in order.
    pub(crate) fn timings(&self) -> Vec<Timing> {
        self.0.timings.borrow().clone()
    }

    /// A log's line with how many calls there were, each step's milliseconds in all, and what failed.
    pub(crate) fn tell(&self, line: Line) -> Line {
        let timings = self.0.timings.borrow();
        let mut line = line.number("upstream_calls", Some(timings.len() as u64).filter(|calls| *calls > 0));
        for (index, Timing { step, .. }) in timings.iter().enumerate() {
            let of_step = |timing: &&Timing| timing.step == *step;
            if timings[..index].iter().all(|other| other.step != *step) {
                let total_ms: u64 = timings.iter().filter(of_step).map(|timing| timing.milliseconds).sum();
                line = line.number(&format!("{step}_ms"), total_ms);
            }
        }
        let failed = timings.iter().filter_map(|timing| Some(format!("{} {}", timing.step, timing.failure?)));
        let failed: Vec<_> = failed.collect();
        line.text("upstream_failed", Some(failed.join(", ").as_str()).filter(|failed| !failed.is_empty()))
    }

    /// Whether a call of this step was answered with what was asked for.
    pub(crate) fn has_succeeded(&self, step: &str) -> bool {
        self.0.timings.borrow().iter().any(|timing| timing.step == step && timing.failure.is_none())
    }

    /// The session that was acquired to be recorded, where one was.
    pub(crate) fn recorded(&self) -> Option<SessionId> {
        self.0.recorded.borrow().clone()
    }

    pub(super) fn records(&self, session_id: SessionId) {
        self.0.recorded.replace(Some(session_id));
    }

    pub(super) fn push(&self, timing: Timing) {
        self.0.timings.borrow_mut().push(timing);
    }

    /// The last call of a step was answered with what can't be understood.
    pub(super) fn is_malformed(&self, step: &'static str) {
        let mut timings = self.0.timings.borrow_mut();
        let last = timings.iter_mut().rfind(|timing| timing.step == step && timing.failure.is_none());
        if let Some(timing) = last {
            timing.failure = Some("malformed");
        }
    }

    /// What the ledger was not told yet: each call is told once.
    pub(super) fn untold(&self) -> Vec<UpstreamCall> {
        let timings = self.0.timings.borrow();
        let untold = &timings[self.0.told.replace(timings.len())..];
        untold.iter().map(told).collect()
    }
}

fn told(timing: &Timing) -> UpstreamCall {
    UpstreamCall { step: timing.step.to_owned(), ms: timing.milliseconds, failure: timing.failure.map(str::to_owned) }
}

/// How a call failed, in a word: a few for all of them.
pub(super) fn kind(error: &UpstreamError) -> &'static str {
    match error.kind {
        UpstreamErrorKind::TimedOut => "timed_out",
        UpstreamErrorKind::Unreachable(_) => "unreachable",
        UpstreamErrorKind::Denied { .. } => "denied",
        UpstreamErrorKind::Limited { .. } => "limited",
        UpstreamErrorKind::Gone { .. } => "gone",
        UpstreamErrorKind::Unavailable { .. } => "unavailable",
        UpstreamErrorKind::Refused { .. } => "refused",
        UpstreamErrorKind::Malformed(_) => "malformed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::kept;

    #[test]
    fn calls_are_told_by_step_with_what_failed() {
        kept::take();
        let calls = Calls::default();
        for (step, milliseconds, failure) in
            [("acquire", 640, None), ("open_tab", 9, Some("gone")), ("acquire", 1, Some("limited"))]
        {
            calls.push(Timing { step, milliseconds, failure });
        }
        calls.tell(Line::new("request")).write();
        let told = r#"{"event":"request","upstream_calls":3,"acquire_ms":641,"open_tab_ms":9,"upstream_failed":"open_tab gone, acquire limited"}"#;
        assert_eq!(kept::take(), [told]);
    }

    #[test]
    fn each_call_is_told_once_however_often_it_is_asked_for() {
        let calls = Calls::default();
        let timing = |step| Timing { step, milliseconds: 5, failure: None };
        calls.push(timing("acquire"));
        let told = |calls: &Calls| calls.untold().into_iter().map(|call| (call.step, call.failure)).collect::<Vec<_>>();
        assert_eq!(told(&calls), [("acquire".to_owned(), None)]);
        ["open_tab", "live_view"].into_iter().for_each(|step| calls.push(timing(step)));
        calls.is_malformed("open_tab");
        let malformed = Some("malformed".to_owned());
        assert_eq!(told(&calls), [("open_tab".to_owned(), malformed), ("live_view".to_owned(), None)]);
        assert_eq!((told(&calls.clone()), calls.timings().len()), (vec![], 3));
    }
}
