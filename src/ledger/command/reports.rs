//! What clean-ups did.

use super::Command;
use crate::domain::{State, SweepReport};
use crate::ledger::limits::history_begins_ms;
use crate::ledger::metrics::{Gauges, text};
use crate::ledger::rules::Ledger;
use crate::ledger::unanswered::Unanswered;
use browser_run_api::DAY_MS;
use lean_json::{FromJson, ToJson};

/// Keeps what a clean-up did. Each also forgets what ended too long ago.
#[derive(Debug, ToJson, FromJson)]
#[serde(transparent)]
pub(crate) struct SaveReport(pub(crate) SweepReport);

/// What the last clean-up did.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct LastReport {}

/// What was counted, for operators: the text that Prometheus reads. What it reads is saved, so that no counter falls.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct ReadMetrics {}

impl Command for SaveReport {
    type Answer = ();

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<(), Unanswered> {
        let report = SweepReport { calls: Vec::new(), ..self.0.clone() };
        ledger.metrics.calls(&self.0.calls);
        ledger.metrics.clean_up(&report);
        ledger.store.forget(history_begins_ms(now_ms, ledger.policy.history_ms))?;
        ledger.store.forget_browser_time(now_ms / DAY_MS)?;
        Ok(ledger.store.save_report(&report)?)
    }
}

impl Command for LastReport {
    type Answer = Option<SweepReport>;

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<Option<SweepReport>, Unanswered> {
        Ok(ledger.store.last_report()?)
    }
}

impl Command for ReadMetrics {
    type Answer = String;

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<String, Unanswered> {
        if ledger.metrics.is_unsaved() {
            ledger.save_counts()?;
        }
        let last_clean_up_ms = ledger.store.last_report()?.map(|report| report.started_at_ms);
        let count = |state| ledger.unended().filter(|session| session.state == state).count();
        let opened_at_ms = ledger.unended().map(|session| session.opened_at_ms);
        let gauges = Gauges {
            open: count(State::Open),
            closing: count(State::Closing),
            browser_ms_today: ledger.usage.browser_ms_today(opened_at_ms, now_ms),
            last_clean_up_ms,
        };
        Ok(text(ledger.metrics.counts(), &gauges))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Caller, Closed, EndReason, Ending, Policy, UpstreamCall, View, Why};
    use crate::ledger::test_ledger::{TestLedger, click};
    use crate::ledger::{AbandonClick, RecordSession, RecordTab};

    fn expect(ledger: &mut TestLedger, now_ms: u64, samples: &[&str]) {
        let text = ledger.ask(&ReadMetrics {}, now_ms);
        for sample in samples {
            assert!(text.lines().any(|line| line == format!("devtools_link_{sample}")), "{sample} in {text}");
        }
    }

    fn calls(step: &str, failure: Option<&str>) -> Vec<UpstreamCall> {
        vec![UpstreamCall { step: step.to_owned(), ms: 600, failure: failure.map(str::to_owned) }]
    }

    #[test]
    fn what_becomes_of_clicks_is_counted_once_however_often_it_is_told() {
        let mut ledger = TestLedger::new(Policy { max_opens_per_minute: 2, ..Policy::for_tests() });
        let of_ada = click(&Caller::known("ada"), "url=https://e.com/");
        let click_id = ledger.acquire(&of_ada, 0);
        for now_ms in [1, 2] {
            let (session_id, click) = ("s1".into(), of_ada.clone());
            ledger.ask(&RecordSession { click_id, session_id, click, calls: calls("acquire", None) }, now_ms);
        }
        for now_ms in [3, 4] {
            let (session_id, target_id, url) = ("s1".into(), "T1".into(), of_ada.click.url.clone());
            let (view, reused, calls) = (View::default(), false, calls("open_tab", None));
            ledger.ask(&RecordTab { click_id, session_id, target_id, url, view, reused, calls }, now_ms);
        }
        ledger.begin(&of_ada, 5).unwrap();
        let fresh = click(&Caller::known("ada"), "url=https://e.com/&fresh");
        let click_id = ledger.acquire(&fresh, 6);
        let calls = calls("acquire", Some("limited"));
        ledger.ask(&AbandonClick { click_id, gone: false, refused: false, calls }, 7);
        ledger.begin(&fresh, 8).unwrap_err();
        let counted = [
            r#"clicks_total{outcome="acquired"} 1"#,
            r#"clicks_total{outcome="joined"} 1"#,
            r#"clicks_total{outcome="failed"} 1"#,
            r#"clicks_total{outcome="refused"} 1"#,
            r#"upstream_duration_seconds_count{step="acquire"} 2"#,
            r#"upstream_duration_seconds_sum{step="open_tab"} 0.6"#,
            r#"upstream_failures_total{step="acquire",kind="limited"} 1"#,
        ];
        expect(&mut ledger, 9, &counted);
        expect(&mut ledger.restarted(10), 10, &counted);
    }

    #[test]
    fn browsers_and_clean_ups_are_counted() {
        let mut ledger = TestLedger::new(Policy::for_tests());
        for (session_id, caller) in [("s1", "ada"), ("s2", "bob"), ("s3", "eve")] {
            ledger.open(&click(&Caller::known(caller), "url=https://e.com/"), session_id, 1_000);
        }
        ledger.end("s1", Ending::now(EndReason::Gone), 61_500);
        ledger.mark_closing("s2", None, EndReason::TooOld);
        let closed = vec![Closed { session_id: "s1".into(), caller: "ada".to_owned(), why: Why::Unused }];
        let calls = calls("sessions", None);
        let report = SweepReport { started_at_ms: 62_001, closed, calls, ..SweepReport::default() };
        ledger.ask(&SaveReport(report), 62_500);
        assert_eq!(ledger.ask(&LastReport {}, 63_000).unwrap().calls, []);
        let counted = [
            r#"sessions{state="open"} 1"#,
            r#"sessions{state="closing"} 1"#,
            "browser_seconds_total 60.5",
            "browser_seconds_today 184.5",
            "clean_ups_total 1",
            r#"clean_up_sessions_total{result="closed"} 1"#,
            r#"upstream_duration_seconds_bucket{step="sessions",le="0.5"} 0"#,
            r#"upstream_duration_seconds_bucket{step="sessions",le="1"} 1"#,
            "last_clean_up_timestamp_seconds 62.001",
        ];
        expect(&mut ledger, 63_000, &counted);
    }
}
