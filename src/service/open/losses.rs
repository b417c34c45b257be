//! What becomes of a click whose session, tab or ledger is lost on the way.

use super::OpenError;
use super::tests::{LINK, acquired, click, target};
use crate::browser_run::scripted::Scripted;
use crate::browser_run::{BrowserRun, UpstreamErrorKind};
use crate::config::Config;
use crate::domain::{AttributedClick, Policy, SignedLink, State};
use crate::ledger::test_ledger::TestLedger;
use crate::ledger::{LedgerClient, LedgerError, LedgerTransport, LinkRecord, MakeLink};
use crate::service::App;
use crate::service::test_app::{TestApp, now};
use std::cell::{Cell, RefCell};

#[test]
fn a_session_that_vanished_is_replaced_once() {
    let vanishing = || {
        let script = Scripted::default().answer("acquire", 200, &acquired("s1")).answer("open_tab", 410, "");
        script.answer("close", 410, "").answer("acquire", 200, &acquired("s2"))
    };
    let replaced = TestApp::new_for_test(vanishing().answer("open_tab", 200, &target("T2", LINK)));
    assert_eq!(now(replaced.open_and_record(&click(None, "url=https://e.com"))).unwrap().session_id, "s2".into());
    assert_eq!(replaced.state("s1"), Some(State::Ended));
    let gone_again = TestApp::new_for_test(vanishing().answer("open_tab", 404, "").answer("close", 404, ""));
    let error = now(gone_again.open_and_record(&click(None, "url=https://e.com"))).unwrap_err();
    let OpenError::Upstream(error) = error else { panic!("{error}") };
    assert!(matches!(error.kind, UpstreamErrorKind::Gone { status: 404, .. }), "{error}");
    assert_eq!(gone_again.calls().len(), 6);
}

#[test]
fn a_session_found_gone_is_replaced_unnoticed() {
    let app = TestApp::new_for_test(
        Scripted::default()
            .answer("acquire", 200, &acquired("s1"))
            .answer("open_tab", 200, &target("T1", LINK))
            .answer("open_tab", 410, "")
            .answer("close", 500, "")
            .answer("acquire", 200, &acquired("s2"))
            .answer("open_tab", 200, &target("T2", LINK)),
    );
    now(app.open_and_record(&click(Some("ada"), "url=https://a.com"))).unwrap();
    let replaced = now(app.open_and_record(&click(Some("ada"), "url=https://b.com"))).unwrap();
    assert_eq!((replaced.session_id.as_str(), replaced.reused), ("s2", false));
    assert_eq!(app.state("s1"), Some(State::Closing), "until Browser Run says that it is closed");
}

#[test]
fn a_dozen_dead_sessions_are_neither_tries_nor_opened_pages() {
    const DEAD: usize = 12;
    let mut script = Scripted::default();
    for session in 0..DEAD {
        script = script.answer("acquire", 200, &acquired(&session.to_string()));
        script = script.answer("open_tab", 200, &target("T", LINK));
    }
    for _ in 0..DEAD {
        script = script.answer("open_tab", 410, "").answer("close", 410, "");
    }
    let script = script.answer("acquire", 200, &acquired("new")).answer("open_tab", 200, &target("T", LINK));
    let app = TestApp::with_policy(script, |policy| Policy {
        max_sessions_per_caller: DEAD,
        max_opens_per_minute: DEAD + 1,
        ..policy
    });
    let open = |query: &str| now(app.open_and_record(&click(Some("ada"), query))).unwrap().session_id;
    for page in 0..DEAD {
        open(&format!("url=https://{page}.com&fresh"));
    }
    assert_eq!(open("url=https://next.com"), "new".into());
}

#[test]
fn a_session_does_not_end_with_its_new_tab() {
    let script =
        Scripted::default().answer("acquire", 200, &acquired("s1")).answer("open_tab", 200, &target("T1", LINK));
    let script = script.answer("open_tab", 200, r#"{"id":"T2"}"#).answer("target", 404, "No such target id");
    let app = TestApp::new_for_test(script);
    now(app.open_and_record(&click(Some("ada"), "url=https://a.com"))).unwrap();
    now(app.open_and_record(&click(Some("ada"), "url=https://b.com"))).unwrap_err();
    assert_eq!(app.state("s1"), Some(State::Open));
}

/// A ledger that loses the next command of a name.
struct Forgetful {
    ledger: RefCell<TestLedger>,
    loses: &'static str,
    has_lost: Cell<bool>,
}

impl LedgerTransport for Forgetful {
    async fn send(&self, name: &'static str, input: String, deadline_ms: u32) -> Result<String, LedgerError> {
        if name == self.loses && !self.has_lost.replace(true) {
            return Err(LedgerError::Failed("lost".to_owned()));
        }
        self.ledger.send(name, input, deadline_ms).await
    }
}

fn forgetful(loses: &'static str, script: Scripted) -> App<Scripted, Forgetful> {
    let config = Box::leak(Box::new(Config::for_tests()));
    let ledger = RefCell::new(TestLedger::new(config.policy));
    let ledger = LedgerClient(Forgetful { ledger, loses, has_lost: Cell::new(false) });
    App { config, browser_run: BrowserRun::new(script), ledger }
}

#[test]
fn a_session_that_cannot_be_recorded_is_closed_or_recorded_after_all() {
    for (status, recorded) in [(200, None), (500, Some(State::Open))] {
        let script = Scripted::default().answer("acquire", 200, &acquired("s1"));
        let script = script.answer("open_tab", 200, &target("T1", LINK)).answer("close", status, "");
        let app = forgetful("RecordSession", script);
        now(app.open(&click(None, "url=https://e.com"))).unwrap_err();
        let calls = app.browser_run.transport().calls();
        assert_eq!(calls[1..], ["PUT /browser/s1/json/new?url=https%3A%2F%2Fe%2Ecom%2F", "DELETE /browser/s1"]);
        let session = app.ledger.0.ledger.borrow_mut().find("s1");
        assert_eq!(session.map(|session| session.state), recorded, "{status}");
    }
}

#[test]
fn a_tab_is_recorded_though_the_ledger_loses_it_once() {
    let script = Scripted::default().answer("acquire", 200, &acquired("s1"));
    let app = forgetful("RecordTab", script.answer("open_tab", 200, &target("T1", LINK)));
    now(app.open_and_record(&click(None, "url=https://e.com"))).unwrap();
    assert_eq!(app.ledger.0.ledger.borrow_mut().find("s1").unwrap().tabs.len(), 1);
}

#[test]
fn a_holder_gets_the_tab_whose_record_the_ledger_loses_once() {
    let script = Scripted::default().answer("acquire", 200, &acquired("s1"));
    let app = forgetful("RecordTab", script.answer("open_tab", 200, &target("T1", LINK)));
    let click = click(None, "url=https://e.com");
    let link = SignedLink {
        id: "l1".into(),
        url: click.click.url.clone(),
        exp: 1_000,
        max: 1,
        keep_alive: 600,
        mode: None,
        readonly: false,
        recording: false,
        confirm: false,
    };
    now(app.ledger.ask(&MakeLink { link: LinkRecord::new(&link, "ada".to_owned(), None, 0) })).unwrap();
    now(app.open(&AttributedClick { signed_link_id: Some(link.id), ..click })).unwrap();
}
