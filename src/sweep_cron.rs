//! The cron job that carries out [`crate::sweep`]'s plan.

use crate::app::{App, Closing};
use crate::browser_run::Transport;
use crate::ledger_client::{LedgerError, LedgerTransport};
use crate::sweep::{Close, Closed, Failed, Listing, SweepReport, Why, plan};
use futures_util::{StreamExt, stream};
use std::collections::HashSet;

/// Sessions read with one call.
const PAGE: usize = 100;
/// Upstream calls under way at once: as many connections as the platform allows a Worker.
const CONCURRENCY: usize = 6;

/// One line a run.
pub(crate) fn log(report: &SweepReport) {
    worker::console_log!("{}", serde_json::json!({ "sweep": report }));
}

impl<T: Transport, L: LedgerTransport> App<T, L> {
    /// Cleans up once, within the budget of upstream calls.
    pub(crate) async fn sweep(&self, dry_run: bool) -> Result<SweepReport, LedgerError> {
        let started_at_ms = self.browser_run.now_ms();
        let policy = &self.config.policy;
        let ours = self.ledger.sessions().await?;
        let (listing, calls, list_error) = self.list_sessions(policy.sweep_budget / 2).await;
        let mut plan = plan(started_at_ms, policy, &ours, &listing);
        let postponed = plan.close.split_off(plan.close.len().min(policy.sweep_budget - calls)).len();
        let mut report = SweepReport {
            started_at_ms,
            dry_run,
            ended: plan.ended.len(),
            kept: plan.kept.len(),
            postponed,
            foreign: plan.foreign,
            list_error,
            ..SweepReport::default()
        };
        if dry_run {
            report.closed =
                plan.close.into_iter().map(|Close { session_id, why, .. }| Closed { session_id, why }).collect();
            return Ok(report);
        }
        for ended in &plan.ended {
            self.ledger.ended(&ended.session_id, &ended.reason, ended.ended_at_ms).await?;
        }
        self.close_all(plan.close, &mut report).await?;
        self.ledger.save_report(&report).await?;
        Ok(report)
    }

    async fn close_all(&self, closes: Vec<Close>, report: &mut SweepReport) -> Result<(), LedgerError> {
        let closing = stream::iter(closes).map(|close| async move {
            // A session that is too old goes even if somebody has just clicked it.
            let unless_clicked_after_ms = (close.why == Why::Unused).then_some(close.clicked_at_ms);
            let result = self.close_session(&close.session_id, unless_clicked_after_ms, close.why.as_str()).await;
            (close, result)
        });
        let mut closing = closing.buffer_unordered(CONCURRENCY);
        while let Some((Close { session_id, why, .. }, result)) = closing.next().await {
            match result? {
                Closing::Closed => report.closed.push(Closed { session_id, why }),
                Closing::NotNow => report.kept += 1,
                Closing::Failed(error) => report.failed.push(Failed { session_id, error: error.to_string() }),
            }
        }
        Ok(())
    }

    /// Reads the whole list, page by page. Answers what was read, in how many calls, and what stopped it.
    async fn list_sessions(&self, most_calls: usize) -> (Listing, usize, Option<String>) {
        let mut listing = Listing::default();
        let mut seen = HashSet::new();
        for call in 1..=most_calls {
            let page = match self.browser_run.sessions(PAGE, (call - 1) * PAGE).await {
                Ok(page) => page,
                Err(error) => return (listing, call, Some(error.to_string())),
            };
            let length = page.len();
            let before = seen.len();
            listing.sessions.extend(page.into_iter().filter(|session| seen.insert(session.session_id.clone())));
            // A server that ignores `offset` answers the same page for ever.
            if length < PAGE || seen.len() == before {
                listing.complete = true;
                return (listing, call, None);
            }
        }
        (listing, most_calls, Some("the list is longer than the budget allows to read".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser_run::scripted::Scripted;
    use crate::caller::Caller;
    use crate::click::Click;
    use crate::config::Policy;
    use crate::ledger::{Claim, State};
    use crate::test_app::{TestApp, now};

    const HOUR: u64 = 60 * 60 * 1_000;
    const CLOSING: &str = r#"{"status":"closing"}"#;

    /// An app whose clock is past the age of every session that [`open`] opened.
    fn app(script: Scripted, sweep_budget: usize) -> TestApp {
        let app = TestApp::with_policy(script.at(2 * HOUR), |policy| Policy { sweep_budget, ..policy });
        for session in ["s1", "s2", "s3"] {
            open(&app, session);
        }
        app
    }

    fn open(app: &TestApp, session_id: &str) {
        let click = Click::from_query(&format!("url=https://{session_id}.example&fresh"), 600).unwrap();
        let caller = Caller::known("ada");
        let Ok(Claim::Acquire { claim }) = now(app.ledger.claim(&caller, &click, None)) else { panic!() };
        now(app.ledger.session_opened(claim, session_id, &caller, &click)).unwrap();
    }

    fn listed(ids: &[&str]) -> String {
        serde_json::json!(ids.iter().map(|id| serde_json::json!({ "sessionId": id })).collect::<Vec<_>>()).to_string()
    }

    #[test]
    fn what_is_too_old_is_closed_and_what_is_not_ours_counted() {
        let script = Scripted::default().answer("sessions", 200, &listed(&["s1", "s2", "s3", "theirs"]));
        let app = app(script.answer("close", 200, CLOSING).answer("close", 404, "").answer("close", 500, ""), 40);
        let report = now(app.sweep(false)).unwrap();
        assert_eq!((report.closed.len(), report.failed.len(), report.foreign), (2, 1, 1));
        assert_eq!(app.state("s3"), Some(State::Closing));
        assert!(app.calls().iter().all(|call| !call.contains("theirs")));
    }

    #[test]
    fn a_dry_run_closes_nothing() {
        let app = app(Scripted::default().answer("sessions", 200, &listed(&["s1", "s2"])), 40);
        let report = now(app.sweep(true)).unwrap();
        assert_eq!((report.closed.len(), report.ended, app.calls().len()), (2, 1, 1));
        assert_eq!(app.state("s1"), Some(State::Open));
    }

    #[test]
    fn the_budget_holds_and_what_is_left_comes_next_time() {
        let script = Scripted::default().answer("sessions", 200, &listed(&["s1", "s2", "s3"]));
        let app = app(script.answer("close", 200, CLOSING), 2);
        let report = now(app.sweep(false)).unwrap();
        assert_eq!((report.closed.len(), report.postponed, app.calls().len()), (1, 2, 2));
    }

    #[test]
    fn without_the_list_what_is_too_old_is_closed_all_the_same() {
        let script = Scripted::default().answer("sessions", 500, "");
        let script = (0..3).fold(script, |script, _| script.answer("close", 200, CLOSING));
        let report = now(app(script, 40).sweep(false)).unwrap();
        assert_eq!((report.closed.len(), report.list_error.is_some()), (3, true));
    }

    #[test]
    fn every_page_of_the_list_is_read_even_where_pages_repeat() {
        let ids: Vec<_> = (0..PAGE).map(|id| id.to_string()).collect();
        let full = listed(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        let script = Scripted::default().answer("sessions", 200, &full).answer("sessions", 200, &full);
        let app = TestApp::new_for_test(script);
        let report = now(app.sweep(false)).unwrap();
        assert_eq!((report.foreign, report.list_error), (PAGE, None));
        assert_eq!(app.calls()[1], "GET /session?limit=100&offset=100");
    }
}
