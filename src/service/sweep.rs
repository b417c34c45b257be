//! The clean-up, carried out.

use super::App;
use super::at_once::at_once;
use crate::browser_run::{Transport, UpstreamError};
use crate::config::Config;
use crate::domain::sweep::{plan, to_ask};
use crate::domain::{Close, Closed, Failed, Plan, Seen, SessionId, SweepReport, Why, redact};
use crate::js::Env;
use crate::ledger::{LedgerError, LedgerTransport, Mark, OpenSessions, RecordEndings, SaveReport};
use crate::log::{self, Line};

/// Sessions read with one call.
const PAGE: usize = 100;

/// The cron job. What is wrong with the configuration is told, and stops only what cannot go on without it.
pub(crate) async fn run(env: &Env) {
    let done = async {
        let (config, wrong) = Config::for_clean_up(env).map_err(|error| error.to_string())?;
        for error in wrong {
            log::error("sweep_goes_by_the_default", &error.to_string());
        }
        let app = App::new(config, env).map_err(|error| error.log_detail())?;
        let report = app.sweep(false).await.map_err(|error| error.log_detail())?;
        app.log_sweep(&report, None);
        Ok::<_, String>(())
    };
    if let Err(error) = done.await {
        let line = Line::new("clean_up").text("trigger", "cron").text("outcome", "failed");
        line.error(Some(&redact(&error, None))).write();
    }
}

impl<T: Transport, L: LedgerTransport> App<T, L> {
    /// Cleans up once, within the budget of upstream calls. The ledger is asked as often however many sessions there are.
    ///
    /// # Errors
    /// When the ledger does not answer.
    pub(crate) async fn sweep(&self, dry_run: bool) -> Result<SweepReport, LedgerError> {
        let started_at_ms = self.browser_run.now_ms();
        let policy = &self.config.policy;
        let ours = self.ledger.ask(&OpenSessions {}).await?;
        let mut seen = Seen::default();
        let listed = self.list_sessions(Seen::list_calls(policy.sweep_budget), &mut seen).await;
        // Where there is no list, "not found" of a session means as little.
        let has_list = !listed.as_ref().is_err_and(UpstreamError::is_gone);
        let most_asked = if has_list { seen.ask_calls(policy.sweep_budget) } else { 0 };
        let asked = to_ask(started_at_ms, policy, &ours, &seen, most_asked);
        let ask_error = self.ask_for(&asked, &mut seen).await;
        let list_error = match listed {
            Ok(true) => ask_error,
            Ok(false) => Some("SWEEP_BUDGET does not reach to the end of the list".to_owned()),
            Err(error) => Some(error.to_string()),
        };
        let mut plan = plan(started_at_ms, policy, &ours, &seen);
        let postponed = plan.close.split_off(plan.close.len().min(seen.calls_left(policy.sweep_budget))).len();
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
            report.closed = plan.close.into_iter().map(Closed::from).collect();
            return Ok(report);
        }
        self.carry_out(plan, asked, &mut report).await?;
        let calls = self.browser_run.untold_calls();
        self.ledger.ask(&SaveReport(SweepReport { calls, ..report.clone() })).await?;
        Ok(report)
    }

    /// The clean-up's one line in the log. `request_id`: of whoever asked for it; nobody asks the cron job.
    pub(crate) fn log_sweep(&self, report: &SweepReport, request_id: Option<&str>) {
        let SweepReport { closed, failed, .. } = report;
        let errors = report.list_error.iter().chain(failed.iter().map(|failed| &failed.error));
        let errors: Vec<_> = errors.map(|error| redact(error, None)).collect();
        let line = Line::new("clean_up").text("trigger", if request_id.is_some() { "request" } else { "cron" });
        let line = line.text("request_id", request_id).text("outcome", outcome(report));
        let line = line.counts(&[
            ("closed", closed.len()),
            ("failed", failed.len()),
            ("ended", report.ended),
            ("kept", report.kept),
            ("postponed", report.postponed),
            ("foreign", report.foreign),
        ]);
        let line = line.texts("closed_sessions", closed.iter().map(|closed| closed.session_id.as_str()));
        let line = line.texts("failed_sessions", failed.iter().map(|failed| failed.session_id.as_str()));
        let line = line.number("total_ms", self.browser_run.now_ms().saturating_sub(report.started_at_ms));
        let line = self.browser_run.calls().tell(line);
        line.error(Some(errors.join("; ").as_str()).filter(|errors| !errors.is_empty())).write();
    }

    async fn carry_out(&self, plan: Plan, asked: Vec<SessionId>, report: &mut SweepReport) -> Result<(), LedgerError> {
        if !asked.is_empty() || !plan.ended.is_empty() {
            let calls = self.browser_run.untold_calls();
            self.ledger.ask(&RecordEndings { ended: plan.ended, asked, calls, ..RecordEndings::default() }).await?;
        }
        let closings = self.close_sessions(plan.close.iter().map(mark).collect()).await?;
        for close in plan.close {
            if closings.closed.contains(&close.session_id) {
                report.closed.push(close.into());
            } else if let Some(failed) = closings.failed.iter().find(|failed| failed.session_id == close.session_id) {
                let Close { session_id, caller, .. } = close;
                report.failed.push(Failed { session_id, caller, error: failed.error.to_string() });
            } else {
                report.kept += 1;
            }
        }
        Ok(())
    }

    /// Reads the list, page by page, as far as it goes within so many calls. Answers whether that was to its end.
    async fn list_sessions(&self, most_calls: usize, seen: &mut Seen) -> Result<bool, UpstreamError> {
        let mut offset = 0;
        for _ in 0..most_calls {
            let page = self.browser_run.sessions(PAGE, offset).await.inspect_err(|_| seen.failed())?;
            // However many came, wherever they came from: nothing is concluded from what did not.
            offset += page.len();
            if !seen.listed(page) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Asks for single sessions. Answers the last thing that went wrong.
    async fn ask_for(&self, session_ids: &[SessionId], seen: &mut Seen) -> Option<String> {
        let asking = session_ids.iter().map(|id| async move { (id, self.browser_run.session(id).await) });
        let mut wrong = None;
        at_once(asking, |(session_id, answer)| match answer {
            Ok(answer) => seen.answered(session_id.clone(), answer),
            Err(error) => {
                seen.failed();
                wrong = Some(error.to_string());
            }
        })
        .await;
        wrong
    }
}

/// What became of a clean-up, in a word.
fn outcome(report: &SweepReport) -> &'static str {
    match report {
        SweepReport { dry_run: true, .. } => "dry_run",
        SweepReport { list_error: None, failed, .. } if failed.is_empty() => "done",
        _ => "incomplete",
    }
}

/// A session that is too old goes even if somebody has just clicked it.
fn mark(close: &Close) -> Mark {
    let unless_clicked_after_ms = (close.why == Why::Unused).then_some(close.clicked_at_ms);
    Mark { session_id: close.session_id.clone(), unless_clicked_after_ms, reason: close.reason.clone() }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser_run::scripted::Scripted;
    use crate::domain::{Caller, Policy, State};
    use crate::ledger::test_ledger::click;
    use crate::log::kept;
    use crate::service::test_app::{TestApp, now};

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
        let click = click(&Caller::known("ada"), &format!("url=https://{session_id}.example&fresh"));
        let mut ledger = app.ledger.0.borrow_mut();
        let click_id = ledger.acquire(&click, 1_000);
        ledger.record_session(click_id, session_id, &click, 1_000).unwrap();
    }

    fn listed(ids: &[&str]) -> String {
        serde_json::json!(ids.iter().map(|id| serde_json::json!({ "sessionId": id })).collect::<Vec<_>>()).to_string()
    }

    const NOTHING: &str = "[]";

    #[test]
    fn what_is_too_old_is_closed_and_what_is_not_ours_counted() {
        let script = Scripted::default().answer("sessions", 200, &listed(&["s1", "s2", "s3", "theirs"]));
        let script = script.answer("sessions", 200, NOTHING).answer("close", 200, CLOSING);
        let app = app(script.answer("close", 404, "").answer("close", 500, ""), 40);
        let report = now(app.sweep(false)).unwrap();
        assert_eq!((report.closed.len(), report.failed.len(), report.foreign), (2, 1, 1));
        assert_eq!((report.closed[0].caller.as_str(), report.list_error), ("ada", None));
        assert_eq!(app.state("s3"), Some(State::Closing));
        assert!(app.calls().iter().all(|call| !call.contains("theirs")));
    }

    #[test]
    fn a_clean_up_is_one_line_with_what_it_saw_and_closed() {
        let script = Scripted::default().answer("sessions", 200, &listed(&["s1", "s2", "s3", "theirs"]));
        let script = script.answer("sessions", 200, NOTHING).answer("close", 200, CLOSING).answer("close", 404, "");
        let app = app(script.answer("close", 500, "https://e.com/?s3cret"), 40);
        let report = now(app.sweep(false)).unwrap();
        kept::take();
        app.log_sweep(&report, None);
        let told = r#"{"event":"clean_up","trigger":"cron","outcome":"incomplete","closed":2,"failed":1,"ended":0,"kept":0,"postponed":0,"foreign":1,"closed_sessions":["s1","s2"],"failed_sessions":["s3"],"total_ms":25,"upstream_calls":5,"sessions_ms":10,"close_ms":15,"upstream_failed":"close gone, close refused","error":"close: Browser Run answered 500: https://e.com"}"#;
        assert_eq!(kept::take(), [told]);
    }

    #[test]
    fn a_dry_run_closes_nothing() {
        let script = Scripted::default().answer("sessions", 200, &listed(&["s1", "s2"]));
        let app = app(script.answer("sessions", 200, NOTHING), 40);
        let report = now(app.sweep(true)).unwrap();
        assert_eq!((report.closed.len(), report.ended, app.calls().len()), (3, 0, 2));
        assert_eq!(app.state("s1"), Some(State::Open));
    }

    #[test]
    fn the_budget_holds_and_what_is_left_comes_next_time() {
        let script = Scripted::default().answer("close", 200, CLOSING).answer("close", 200, CLOSING);
        let app = app(script, 2);
        let report = now(app.sweep(false)).unwrap();
        assert_eq!((report.closed.len(), report.postponed, app.calls().len()), (2, 1, 2));
    }

    #[test]
    fn without_the_list_what_is_too_old_is_closed_all_the_same() {
        let script = Scripted::default().answer("sessions", 500, "");
        let script = (0..3).fold(script, |script, _| script.answer("close", 200, CLOSING));
        let report = now(app(script, 40).sweep(false)).unwrap();
        assert_eq!((report.closed.len(), report.list_error.is_some()), (3, true));
    }

    #[test]
    fn a_list_is_read_by_what_its_pages_hold_and_to_where_nothing_new_comes() {
        let ids: Vec<_> = (0..150).map(|id| id.to_string()).collect();
        let page = |from: usize, to| listed(&ids[from..to].iter().map(String::as_str).collect::<Vec<_>>());
        let by_fifty = [page(0, 50), page(50, 100), page(100, 150), NOTHING.to_owned()];
        let without_offset = [page(0, 100), page(0, 100)];
        for (pages, foreign, last) in [
            (&by_fifty[..], 150, "GET /session?limit=100&offset=150"),
            (&without_offset[..], 100, "GET /session?limit=100&offset=100"),
        ] {
            let script = pages.iter().fold(Scripted::default(), |script, page| script.answer("sessions", 200, page));
            let app = TestApp::new_for_test(script);
            let report = now(app.sweep(false)).unwrap();
            assert_eq!((report.foreign, report.list_error), (foreign, None));
            assert_eq!(app.calls().last().unwrap(), last);
        }
    }

    /// An app with one session of ours, `s1`, which nobody has used for half an hour.
    fn app_with_an_unused_session(script: Scripted, sweep_budget: usize) -> TestApp {
        let app = TestApp::with_policy(script.at(HOUR / 2), |policy| Policy { sweep_budget, ..policy });
        open(&app, "s1");
        app
    }

    #[test]
    fn a_session_that_is_not_listed_is_asked_for_first() {
        let unlisted = || {
            let script = Scripted::default().answer("sessions", 200, &listed(&["theirs"]));
            script.answer("sessions", 200, NOTHING)
        };
        let connected = r#"{"sessionId":"s1","connectionStartTime":1}"#;
        for (status, body, state) in [
            (200, connected, Some(State::Open)),
            (500, "", Some(State::Open)),
            (200, r#"{"success":false,"result":null}"#, Some(State::Open)),
            (200, r#"{"sessionId":"theirs","endTime":7}"#, Some(State::Open)),
            (200, "null", Some(State::Ended)),
            (410, "", Some(State::Ended)),
            (200, r#"{"sessionId":"s1","endTime":7}"#, Some(State::Ended)),
        ] {
            let app = app_with_an_unused_session(unlisted().answer("session", status, body), 40);
            now(app.sweep(false)).unwrap();
            assert_eq!(app.calls()[2..], ["GET /session/s1"], "{status} {body}");
            assert_eq!(app.state("s1"), state, "{status} {body}");
        }
    }

    #[test]
    fn where_there_is_no_list_a_session_that_is_not_found_has_not_ended() {
        let app = app_with_an_unused_session(Scripted::default().answer("sessions", 404, "no such path"), 40);
        let report = now(app.sweep(false)).unwrap();
        assert_eq!((app.calls().len(), report.kept, app.state("s1")), (1, 1, Some(State::Open)));
    }

    #[test]
    fn with_a_budget_of_two_an_unused_session_is_asked_for_and_closed() {
        let script = Scripted::default().answer("session", 200, r#"{"sessionId":"s1"}"#).answer("close", 200, CLOSING);
        let app = app_with_an_unused_session(script, 2);
        let report = now(app.sweep(false)).unwrap();
        assert_eq!(report.closed[0].why, Why::Unused);
        assert_eq!(app.calls(), ["GET /session/s1", "DELETE /browser/s1"]);
    }
}
