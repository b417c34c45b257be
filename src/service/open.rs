//! One click, carried out: a session, a tab in it, and a link to that tab.
//!
//! The ledger can be an ocean away, so a click waits for it once: to be told what to do. A new session is recorded while its
//! tab is being opened; what the tab is called is recorded behind the answer.

mod error;
mod in_flight;
mod opened;

pub(crate) use error::OpenError;
pub(crate) use opened::{Opened, Unfinished};

use super::App;
use crate::browser_run::{Transport, UpstreamError};
use crate::domain::{AttributedClick, ClickId, DevtoolsLink, SessionId, TargetId, View};
use crate::ledger::{BeginClick, CheckLink, Decision, ForgetTab, LedgerError, LedgerTransport, RecordTab};
use in_flight::InFlight;

/// How often at most a click is started over because what the ledger knew turned out to be gone. Each time one session
/// or tab less is known, so only a ledger that keeps nothing meets this.
const MOST_GONE: usize = 100;

impl<T: Transport, L: LedgerTransport> App<T, L> {
    /// Opens what a click asks for, or joins what the same click has opened.
    ///
    /// # Errors
    /// Whatever it acquired is closed again, or left to the clean-up where that fails.
    pub(crate) async fn open(&self, click: &AttributedClick) -> Result<Opened, OpenError> {
        self.config.hosts.check(click.click.url.host())?;
        let in_flight = |click_id: ClickId| InFlight { app: self, click, click_id };
        let begin = BeginClick(click.clone());
        for _ in 0..=MOST_GONE {
            let opened = match self.ledger.ask(&begin).await? {
                Decision::Acquire { click_id } => return in_flight(click_id).open_new().await,
                Decision::Reuse { click_id, session_id } => in_flight(click_id).reuse_or_abandon(session_id).await?,
                Decision::Join { session_id, target_id } => self.join(session_id, target_id, click).await?,
            };
            if let Some(opened) = opened {
                return Ok(opened);
            }
        }
        Err(UpstreamError::malformed("open_tab", "one session after the other is gone").into())
    }

    /// Does what a click has left to do. Sending what is to be recorded is the first thing: whoever comes back with the
    /// answer finds it.
    ///
    /// # Errors
    /// When the tab could not be recorded. What else there is to do is done all the same.
    pub(crate) async fn finish(&self, session_id: &SessionId, unfinished: Unfinished) -> Result<(), LedgerError> {
        let (surplus_tabs, recorded) = self.finish_recording(unfinished).await;
        for target_id in surplus_tabs {
            // A tab that stays open costs nothing: its session is closed all the same.
            drop(self.browser_run.close_tab(session_id, &target_id).await);
        }
        recorded
    }

    /// Records the tab, if it is not yet; answers the tabs to close, and how that went.
    pub(super) async fn finish_recording(&self, unfinished: Unfinished) -> (Vec<TargetId>, Result<(), LedgerError>) {
        let Unfinished { record_tab, mut surplus_tabs } = unfinished;
        let Some(record) = record_tab else { return (surplus_tabs, Ok(())) };
        let recorded = self.record_tab(&record).await.map(|evicted| surplus_tabs.extend(evicted));
        (surplus_tabs, recorded)
    }

    /// Records a tab; answers those that are one too many now. An object that is just being replaced by its next version
    /// answers the second time.
    async fn record_tab(&self, record: &RecordTab) -> Result<Vec<TargetId>, LedgerError> {
        match self.ledger.ask(record).await {
            Err(LedgerError::Failed(_)) => self.ledger.ask(record).await,
            recorded => recorded,
        }
    }

    /// A link to a tab of ours, minted now.
    ///
    /// # Errors
    /// When Browser Run does not give one, or one that leads elsewhere.
    pub(crate) async fn link(&self, id: &SessionId, tab: &TargetId, view: View) -> Result<DevtoolsLink, OpenError> {
        let link = if view.is_special() {
            Some(self.browser_run.live_view(id, tab, view).await?.devtools_frontend_url)
        } else {
            self.browser_run.target(id, tab).await?.devtools_frontend_url
        };
        Ok(DevtoolsLink::check(link, &self.config.live_view_origins)?)
    }

    /// Answers a click that was answered a moment ago. `None`: its tab is gone, and forgotten. Nothing is handed out of a
    /// signed link that was revoked while its link into the tab was made.
    async fn join(
        &self, session_id: SessionId, target_id: TargetId, click: &AttributedClick,
    ) -> Result<Option<Opened>, OpenError> {
        match self.link(&session_id, &target_id, click.click.options.view).await {
            Ok(link) => {
                if let Some(link_id) = click.signed_link_id.clone() {
                    self.ledger.ask(&CheckLink { link_id }).await?;
                }
                let unfinished = Unfinished::default();
                Ok(Some(Opened { session_id, target_id, link, reused: true, joined: true, unfinished }))
            }
            Err(error) if error.is_gone() => {
                self.ledger.ask(&ForgetTab { session_id, target_id }).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod link_tests;

#[cfg(test)]
mod losses;

#[cfg(test)]
mod slow;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser_run::scripted::Scripted;
    use crate::browser_run::{Limit, SendError, UpstreamErrorKind};
    use crate::domain::{Caller, State};
    use crate::service::test_app::{TestApp, now};

    pub(super) const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";

    /// A click of somebody known, or of nobody in particular.
    pub(super) fn click(name: Option<&str>, query: &str) -> AttributedClick {
        let caller = name.map_or_else(|| Caller::unknown("anonymous", "test"), Caller::known);
        crate::ledger::test_ledger::click(&caller, query)
    }

    pub(super) fn acquired(session_id: &str) -> String {
        format!(r#"{{"sessionId":"{session_id}","targets":[{{"id":"BLANK","type":"page","url":"about:blank"}}]}}"#)
    }

    pub(super) fn target(id: &str, link: &str) -> String {
        format!(r#"{{"id":"{id}","type":"page","url":"https://e.com/","devtoolsFrontendUrl":"{link}"}}"#)
    }

    #[test]
    fn a_click_is_one_session_one_tab_and_its_own_link() {
        let app = TestApp::new_for_test(Scripted::default().answer("acquire", 200, &acquired("s1")).answer(
            "open_tab",
            200,
            &target("T1", LINK),
        ));
        let opened = now(app.open_and_record(&click(None, "url=https%3A%2F%2Fe.com%2F%3Fa%3D1%2B2%26b%23c"))).unwrap();
        assert_eq!((opened.link.as_str(), opened.unfinished.surplus_tabs), (LINK, vec!["BLANK".into()]));
        assert_eq!(
            app.calls(),
            [
                "POST /browser?keep_alive=600000&targets=true",
                "PUT /browser/s1/json/new?url=https%3A%2F%2Fe%2Ecom%2F%3Fa%3D1%2B2%26b%23c"
            ]
        );
        let steps: Vec<_> = app.browser_run.timings().iter().map(|timing| (timing.step, timing.milliseconds)).collect();
        assert_eq!(steps, [("acquire", 5), ("open_tab", 5)]);
        assert_eq!(app.state("s1"), Some(State::Open));
    }

    #[test]
    fn a_mode_or_readonly_takes_the_link_from_a_live_view() {
        let live_view = format!(
            r#"{{"id":"T1","devtoolsFrontendUrl":"{LINK}&tab","webSocketDebuggerUrl":"","options":{{"mode":"tab"}}}}"#
        );
        let app = TestApp::new_for_test(
            Scripted::default()
                .answer("acquire", 200, &acquired("s1"))
                .answer("open_tab", 200, &target("T1", LINK))
                .answer("live_view", 200, &live_view),
        );
        let opened = now(app.open_and_record(&click(None, "url=https://e.com&mode=tab&recording"))).unwrap();
        assert_eq!(opened.link.as_str(), format!("{LINK}&tab"));
        assert_eq!(app.calls()[0], "POST /browser?keep_alive=600000&targets=true&recording=true");
    }

    #[test]
    fn a_target_without_a_link_is_asked_for_it() {
        let app = TestApp::new_for_test(
            Scripted::default()
                .answer("acquire", 200, r#"{"success":true,"result":{"sessionId":"s1","targets":[{}]}}"#)
                .answer("open_tab", 200, r#"{"id":"T1","url":7}"#)
                .answer("target", 200, &target("T1", LINK)),
        );
        assert_eq!(now(app.open_and_record(&click(None, "url=https://e.com"))).unwrap().link.as_str(), LINK);
        assert_eq!(app.calls()[2], "GET /browser/s1/json/list/T1");
    }

    #[test]
    fn a_session_whose_tab_fails_is_closed_again() {
        let foreign = target("T1", "https://evil.example/ui");
        for (status, body) in [(500, "{}"), (200, "no json"), (200, foreign.as_str())] {
            let app = TestApp::new_for_test(
                Scripted::default().answer("acquire", 200, &acquired("s1")).answer("open_tab", status, body).answer(
                    "close",
                    200,
                    r#"{"status":"closing"}"#,
                ),
            );
            now(app.open_and_record(&click(None, "url=https://e.com"))).unwrap_err();
            assert_eq!(app.calls()[2], "DELETE /browser/s1", "{body}");
            assert_eq!(app.state("s1"), Some(State::Ended));
        }
    }

    #[test]
    fn a_session_that_will_not_close_is_left_to_the_clean_up() {
        let app = TestApp::new_for_test(
            Scripted::default()
                .answer("acquire", 200, &acquired("s1"))
                .result("open_tab", Err(SendError::TimedOut))
                .answer("close", 500, ""),
        );
        let error = now(app.open_and_record(&click(None, "url=https://e.com"))).unwrap_err();
        let OpenError::Upstream(error) = error else { panic!("{error}") };
        assert_eq!(error.kind, UpstreamErrorKind::TimedOut);
        assert_eq!(app.state("s1"), Some(State::Closing));
    }

    #[test]
    fn an_acquisition_is_never_repeated() {
        for result in [Err(SendError::TimedOut), Err(SendError::Unreachable("reset".to_owned()))] {
            let app = TestApp::new_for_test(Scripted::default().result("acquire", result));
            now(app.open_and_record(&click(None, "url=https://e.com"))).unwrap_err();
            assert_eq!(app.calls().len(), 1);
        }
    }

    #[test]
    fn a_named_caller_gets_a_tab_in_their_own_session_and_nobody_elses() {
        let app = TestApp::new_for_test(
            Scripted::default()
                .answer("acquire", 200, &acquired("s1"))
                .answer("open_tab", 200, &target("T1", LINK))
                .answer("open_tab", 200, &target("T2", LINK))
                .answer("acquire", 200, &acquired("s2"))
                .answer("open_tab", 200, &target("T3", LINK)),
        );
        let open = |name, query| now(app.open_and_record(&click(name, query))).unwrap();
        assert!(!open(Some("ada"), "url=https://a.com").reused);
        let second = open(Some("ada"), "url=https://b.com");
        assert_eq!((second.session_id.as_str(), second.reused, second.unfinished.surplus_tabs.len()), ("s1", true, 0));
        assert_eq!(open(Some("bob"), "url=https://a.com").session_id, "s2".into());
    }

    #[test]
    fn without_capacity_the_callers_own_session_will_do() {
        let app = TestApp::new_for_test(
            Scripted::default()
                .answer("acquire", 200, &acquired("s1"))
                .answer("open_tab", 200, &target("T1", LINK))
                .answer("acquire", 429, "Rate limit exceeded")
                .answer("open_tab", 200, &target("T2", LINK))
                .answer("acquire", 429, "Rate limit exceeded"),
        );
        now(app.open_and_record(&click(Some("ada"), "url=https://a.com"))).unwrap();
        let second = now(app.open_and_record(&click(Some("ada"), "url=https://b.com&fresh"))).unwrap();
        assert_eq!((second.session_id.as_str(), second.reused), ("s1", true));
        let error = now(app.open_and_record(&click(Some("bob"), "url=https://b.com"))).unwrap_err();
        let OpenError::Upstream(error) = error else { panic!("{error}") };
        assert!(matches!(error.kind, UpstreamErrorKind::Limited { limit: Limit::Rate, .. }));
    }

    #[test]
    fn the_same_click_again_is_the_same_tab_with_a_link_of_its_own() {
        let app = TestApp::new_for_test(
            Scripted::default()
                .answer("acquire", 200, &acquired("s1"))
                .answer("open_tab", 200, &target("T1", LINK))
                .answer("target", 200, &target("T1", "https://live.browser.run/ui?jwt=second"))
                .answer("target", 404, "No such target id")
                .answer("acquire", 200, &acquired("s2"))
                .answer("open_tab", 200, &target("T2", LINK)),
        );
        let open = || now(app.open_and_record(&click(None, "url=https://a.com"))).unwrap();
        open();
        let joined = open();
        assert_eq!((joined.target_id.as_str(), joined.link.as_str()), ("T1", "https://live.browser.run/ui?jwt=second"));
        assert_eq!(open().session_id, "s2".into(), "its tab was closed meanwhile");
    }
}
