//! What becomes of a click whose session, tab or ledger is lost on the way.

use super::tests::{LINK, acquired, caller, click, target};
use crate::app::App;
use crate::browser_run::BrowserRun;
use crate::browser_run::scripted::Scripted;
use crate::config::{Config, Policy};
use crate::ledger::{Command, Ledger, State};
use crate::ledger_client::{LedgerClient, LedgerError, LedgerTransport};
use crate::test_app::{TestApp, now};
use std::cell::{Cell, RefCell};

#[test]
fn a_session_that_vanished_is_replaced_once() {
    let vanishing = || {
        let script = Scripted::default().answer("acquire", 200, &acquired("s1")).answer("open_tab", 410, "");
        script.answer("close", 410, "").answer("acquire", 200, &acquired("s2"))
    };
    let replaced = TestApp::new_for_test(vanishing().answer("open_tab", 200, &target("T2", LINK)));
    assert_eq!(now(replaced.open(&caller(None), &click("url=https://e.com"), None)).unwrap().session_id, "s2");
    assert_eq!(replaced.state("s1"), Some(State::Ended));
    let gone_again = TestApp::new_for_test(vanishing().answer("open_tab", 404, "").answer("close", 404, ""));
    let error = now(gone_again.open(&caller(None), &click("url=https://e.com"), None)).unwrap_err();
    assert_eq!((error.problem(0).status, gone_again.calls().len()), (502, 6));
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
    now(app.open(&caller(Some("ada")), &click("url=https://a.com"), None)).unwrap();
    let replaced = now(app.open(&caller(Some("ada")), &click("url=https://b.com"), None)).unwrap();
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
    let open = |query: &str| now(app.open(&caller(Some("ada")), &click(query), None)).unwrap().session_id;
    for page in 0..DEAD {
        open(&format!("url=https://{page}.com&fresh"));
    }
    assert_eq!(open("url=https://next.com"), "new");
}

#[test]
fn a_session_does_not_end_with_its_new_tab() {
    let script =
        Scripted::default().answer("acquire", 200, &acquired("s1")).answer("open_tab", 200, &target("T1", LINK));
    let script = script.answer("open_tab", 200, r#"{"id":"T2"}"#).answer("target", 404, "No such target id");
    let app = TestApp::new_for_test(script);
    now(app.open(&caller(Some("ada")), &click("url=https://a.com"), None)).unwrap();
    now(app.open(&caller(Some("ada")), &click("url=https://b.com"), None)).unwrap_err();
    assert_eq!(app.state("s1"), Some(State::Open));
}

/// A ledger that loses the next session that it is told of.
struct Forgetful {
    ledger: RefCell<Ledger>,
    has_lost: Cell<bool>,
}

impl LedgerTransport for Forgetful {
    async fn post(&self, command: &Command) -> Result<String, LedgerError> {
        if matches!(command, Command::SessionOpened { .. }) && !self.has_lost.replace(true) {
            return Err(LedgerError("lost".to_owned()));
        }
        self.ledger.post(command).await
    }
}

#[test]
fn a_session_that_cannot_be_recorded_is_closed_or_recorded_after_all() {
    for (status, recorded) in [(200, 0), (500, 1)] {
        let config = Box::leak(Box::new(Config::for_tests()));
        let ledger = RefCell::new(Ledger::new(config.policy, [], []));
        let script = Scripted::default().answer("acquire", 200, &acquired("s1")).answer("close", status, "");
        let ledger = LedgerClient(Forgetful { ledger, has_lost: Cell::new(false) });
        let app = App { config, browser_run: BrowserRun::new(script), ledger };
        now(app.open(&caller(None), &click("url=https://e.com"), None)).unwrap_err();
        assert_eq!(app.browser_run.transport().calls()[1..], ["DELETE /browser/s1"]);
        assert_eq!(app.ledger.0.ledger.borrow().sessions().len(), recorded, "{status}");
    }
}
