//! One click, carried out: a session, a tab in it, and a link to that tab.

use crate::app::App;
use crate::browser_run::{Transport, UpstreamError};
use crate::caller::Caller;
use crate::click::{Click, View};
use crate::error::Error;
use crate::ledger::{Claim, LINK_REVOKED};
use crate::ledger_client::LedgerTransport;
use crate::link::Link;

/// How often at most a click is started over because what the ledger knew turned out to be gone. Each time one session
/// or tab less is known, so only a ledger that keeps nothing meets this.
const MOST_GONE: usize = 100;

/// A tab that shows what was asked for.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) session_id: String,
    pub(crate) target_id: String,
    pub(crate) link: Link,
    /// Whether the session was there before this click.
    pub(crate) reused: bool,
    /// Tabs of the session to close once the answer is on its way.
    pub(crate) surplus_tabs: Vec<String>,
}

impl<T: Transport, L: LedgerTransport> App<T, L> {
    /// Opens what a click asks for, or joins what the same click has opened.
    ///
    /// # Errors
    /// Whatever it acquired is closed again, or left to the clean-up where that fails.
    pub(crate) async fn open(&self, caller: &Caller, click: &Click, link: Option<&str>) -> Result<Opened, Error> {
        self.config.hosts.check(click.url.host())?;
        for _ in 0..=MOST_GONE {
            let opened = match self.ledger.claim(caller, click, link).await? {
                Claim::Acquire { claim } => return self.open_new(claim, caller, click, link).await,
                Claim::Reuse { claim, session_id } => self.reuse_or_abandon(claim, &session_id, click).await?,
                Claim::Join { session_id, target_id } => self.join(session_id, target_id, click.options.view).await?,
                Claim::Refused(refusal) => return Err(refusal.into()),
                Claim::Wait { .. } => None,
            };
            if let Some(opened) = opened {
                return Ok(opened);
            }
        }
        Err(UpstreamError::malformed("open_tab", "one session after the other is gone").into())
    }

    /// A link to a tab of ours, minted now.
    pub(crate) async fn link(&self, session_id: &str, target_id: &str, view: View) -> Result<Link, Error> {
        let link = if view.is_special() {
            Some(self.browser_run.live_view(session_id, target_id, view).await?.devtools_frontend_url)
        } else {
            self.browser_run.target(session_id, target_id).await?.devtools_frontend_url
        };
        Ok(Link::check(link, &self.config.live_view_origins)?)
    }

    /// Answers a click that was answered a moment ago. `None`: its tab is gone, and forgotten.
    async fn join(&self, session_id: String, target_id: String, view: View) -> Result<Option<Opened>, Error> {
        match self.link(&session_id, &target_id, view).await {
            Ok(link) => Ok(Some(Opened { session_id, target_id, link, reused: true, surplus_tabs: Vec::new() })),
            Err(error) if error.is_gone() => {
                self.ledger.tab_gone(&session_id, &target_id).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn reuse_or_abandon(&self, claim: u64, session_id: &str, click: &Click) -> Result<Option<Opened>, Error> {
        let opened = self.reuse(claim, session_id, click).await;
        if !matches!(opened, Ok(Some(_))) {
            self.ledger.abandon(claim, opened.is_ok()).await?;
        }
        opened
    }

    /// Opens a tab in the caller's own session. `None`: that is gone, and closed to be sure.
    async fn reuse(&self, claim: u64, session_id: &str, click: &Click) -> Result<Option<Opened>, Error> {
        match self.open_tab(claim, session_id, click).await {
            Ok(opened) => Ok(Some(Opened { reused: true, ..opened })),
            Err(error) if error.is_session_gone() => {
                self.close_session(session_id, None, "gone").await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn open_new(&self, claim: u64, caller: &Caller, click: &Click, link: Option<&str>) -> Result<Opened, Error> {
        let mut opened = self.acquire_and_open(claim, caller, click, link).await;
        if opened.as_ref().is_err_and(Error::is_gone) {
            opened = self.acquire_and_open(claim, caller, click, link).await;
        }
        if opened.is_err() {
            self.ledger.abandon(claim, false).await?;
        }
        opened
    }

    /// Acquires a session and opens the tab. The session is in the ledger before its tab is opened, and closed again
    /// when that fails, or when its signed link was revoked meanwhile.
    async fn acquire_and_open(
        &self,
        claim: u64,
        caller: &Caller,
        click: &Click,
        link: Option<&str>,
    ) -> Result<Opened, Error> {
        let acquired = match self.browser_run.acquire(&click.options, self.config.allowed_domains()).await {
            Ok(acquired) => acquired,
            Err(error) => return self.open_in_own_session(claim, click, error).await,
        };
        let session_id = acquired.session_id;
        match self.ledger.session_opened(claim, &session_id, caller, click, link).await {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => {
                self.close_session(&session_id, None, LINK_REVOKED).await?;
                return Err(refusal.into());
            }
            Err(error) => {
                // What cannot be recorded is closed, what cannot be closed is recorded after all.
                if self.browser_run.close(&session_id).await.is_err() {
                    drop(self.ledger.session_opened(claim, &session_id, caller, click, link).await?);
                }
                return Err(error.into());
            }
        }
        match self.open_tab(claim, &session_id, click).await {
            Ok(mut opened) => {
                let blank_pages = acquired.targets.0.into_iter().filter(|target| target.kind == "page");
                opened.surplus_tabs.extend(blank_pages.map(|target| target.id).filter(|id| *id != opened.target_id));
                Ok(opened)
            }
            Err(error) => {
                // One that is marked already keeps its reason.
                self.close_session(&session_id, None, "tab_failed").await?;
                Err(error)
            }
        }
    }

    /// Where a limit stands in the way of a new session, one of the caller's own will do.
    async fn open_in_own_session(&self, claim: u64, click: &Click, error: UpstreamError) -> Result<Opened, Error> {
        if error.is_limited() {
            while let Some(session_id) = self.ledger.fall_back(claim).await? {
                if let Some(opened) = self.reuse(claim, &session_id, click).await? {
                    return Ok(opened);
                }
            }
        }
        Err(error.into())
    }

    async fn open_tab(&self, claim: u64, session_id: &str, click: &Click) -> Result<Opened, Error> {
        let target = self.browser_run.open_tab(session_id, &click.url).await?;
        let minted = target.devtools_frontend_url.filter(|_| !click.options.view.is_special());
        let link = match minted {
            Some(link) => Link::check(Some(link), &self.config.live_view_origins)?,
            None => self.link(session_id, &target.id, click.options.view).await?,
        };
        let surplus_tabs = self.ledger.tab_opened(claim, session_id, &target.id, click).await??;
        Ok(Opened { session_id: session_id.to_owned(), target_id: target.id, link, reused: false, surplus_tabs })
    }
}

#[cfg(test)]
mod link_tests;

#[cfg(test)]
mod losses;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser_run::SendError;
    use crate::browser_run::scripted::Scripted;
    use crate::ledger::State;
    use crate::test_app::{TestApp, now};

    pub(super) const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";

    pub(super) fn caller(name: Option<&str>) -> Caller {
        name.map_or_else(|| Caller::unknown("anonymous", "test"), Caller::known)
    }

    pub(super) fn click(query: &str) -> Click {
        Click::from_query(query, 600).unwrap()
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
        let opened =
            now(app.open(&caller(None), &click("url=https%3A%2F%2Fe.com%2F%3Fa%3D1%2B2%26b%23c"), None)).unwrap();
        assert_eq!((opened.link.as_str(), opened.surplus_tabs), (LINK, vec!["BLANK".to_owned()]));
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
        let opened = now(app.open(&caller(None), &click("url=https://e.com&mode=tab&recording"), None)).unwrap();
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
        assert_eq!(now(app.open(&caller(None), &click("url=https://e.com"), None)).unwrap().link.as_str(), LINK);
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
            now(app.open(&caller(None), &click("url=https://e.com"), None)).unwrap_err();
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
        let error = now(app.open(&caller(None), &click("url=https://e.com"), None)).unwrap_err();
        assert_eq!(error.problem(0).status, 504);
        assert_eq!(app.state("s1"), Some(State::Closing));
    }

    #[test]
    fn an_acquisition_is_never_repeated() {
        for result in [Err(SendError::TimedOut), Err(SendError::Unreachable("reset".to_owned()))] {
            let app = TestApp::new_for_test(Scripted::default().result("acquire", result));
            now(app.open(&caller(None), &click("url=https://e.com"), None)).unwrap_err();
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
        let open = |name, query| now(app.open(&caller(name), &click(query), None)).unwrap();
        assert!(!open(Some("ada"), "url=https://a.com").reused);
        let second = open(Some("ada"), "url=https://b.com");
        assert_eq!((second.session_id.as_str(), second.reused, second.surplus_tabs.len()), ("s1", true, 0));
        assert_eq!(open(Some("bob"), "url=https://a.com").session_id, "s2");
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
        now(app.open(&caller(Some("ada")), &click("url=https://a.com"), None)).unwrap();
        let second = now(app.open(&caller(Some("ada")), &click("url=https://b.com&fresh"), None)).unwrap();
        assert_eq!((second.session_id.as_str(), second.reused), ("s1", true));
        let error = now(app.open(&caller(Some("bob")), &click("url=https://b.com"), None)).unwrap_err();
        assert_eq!(error.problem(0).kind, "urn:devtools-link:too-fast");
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
        let open = || now(app.open(&caller(None), &click("url=https://a.com"), None)).unwrap();
        open();
        let joined = open();
        assert_eq!((joined.target_id.as_str(), joined.link.as_str()), ("T1", "https://live.browser.run/ui?jwt=second"));
        assert_eq!(open().session_id, "s2", "its tab was closed meanwhile");
    }
}
