//! Clicks on a signed link that is used up or revoked while they are in flight.

use super::*;
use crate::browser_run::scripted::Scripted;
use crate::domain::{Caller, EndReason, SignedLink, State};
use crate::ledger::{LedgerError, LinkRecord, MakeLink, Mark, Refusal, RevokeLink};
use crate::service::test_app::{TestApp, is_waiting, now};
use std::pin::pin;

const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";

fn acquired(session_id: &str) -> String {
    format!(r#"{{"sessionId":"{session_id}"}}"#)
}

fn target(id: &str, link: &str) -> String {
    format!(r#"{{"id":"{id}","type":"page","url":"https://e.com/","devtoolsFrontendUrl":"{link}"}}"#)
}

/// The click of a browser that holds the link.
fn click(browser: &str) -> AttributedClick {
    let caller = Caller::unknown("link l1", browser);
    let click = crate::ledger::test_ledger::click(&caller, "url=https://a.com&keep_alive=60");
    AttributedClick { signed_link_id: Some("l1".into()), ..click }
}

/// An app with a signed link of Ada's.
fn app_with_link(script: Scripted) -> TestApp {
    let app = TestApp::new_for_test(script);
    let click = click("").click;
    let (url, keep_alive) = (click.url, click.options.keep_alive_seconds);
    let (mode, readonly, confirm) = (None, false, false);
    let link =
        SignedLink { id: "l1".into(), url, exp: 1_000, max: 1, keep_alive, mode, readonly, recording: false, confirm };
    now(app.ledger.ask(&MakeLink { link: LinkRecord::new(&link, "ada".to_owned(), None, 0) })).unwrap();
    app
}

async fn follow(app: &TestApp, browser: &str) -> Result<Opened, OpenError> {
    app.open_and_record(&click(browser)).await
}

fn revoke(app: &TestApp) -> Vec<SessionId> {
    now(app.ledger.ask(&RevokeLink { link_id: "l1".into(), caller: "ada".to_owned() })).unwrap().unwrap()
}

fn is_revoked(error: &OpenError) -> bool {
    matches!(error, OpenError::Ledger(LedgerError::Refused(Refusal::LinkRevoked)))
}

#[test]
fn a_link_revoked_while_its_click_is_in_flight_opens_nothing() {
    for (paused_at, open_at_revocation) in [("acquire", 0), ("open_tab", 1)] {
        let app = app_with_link(
            Scripted::default()
                .pause_at(paused_at)
                .answer("acquire", 200, &acquired("s1"))
                .answer("open_tab", 200, &target("T1", LINK))
                .answer("close", 200, r#"{"status":"closing"}"#),
        );
        let mut following = pin!(follow(&app, "a"));
        assert!(is_waiting(following.as_mut()), "{paused_at}");
        assert_eq!(revoke(&app).len(), open_at_revocation, "{paused_at}");
        let refused = now(following).unwrap_err();
        assert!(is_revoked(&refused), "{paused_at}: {refused}");
        assert_eq!(app.calls().last().map(String::as_str), Some("DELETE /browser/s1"), "{paused_at}");
        assert_eq!(app.state("s1"), Some(State::Ended), "{paused_at}");
        assert_eq!(app.end_reason("s1"), Some(EndReason::LinkRevoked), "{paused_at}");
    }
}

#[test]
fn a_click_whose_browser_the_revocation_closed_gets_no_other_one() {
    for (status, tab) in [(404, "No such session".to_owned()), (200, target("T1", LINK))] {
        let script = Scripted::default().pause_at("open_tab").answer("open_tab", status, &tab);
        // Before it is known that s2 is not to be.
        let script = script.answer("open_tab", 200, &target("T2", LINK));
        let script = ["s1", "s2"].iter().fold(script, |script, session| {
            script.answer("acquire", 200, &acquired(session)).answer("close", 200, r#"{"status":"closing"}"#)
        });
        let app = app_with_link(script);
        let mut following = pin!(follow(&app, "a"));
        assert!(is_waiting(following.as_mut()));
        let marks = revoke(&app).into_iter().map(|session_id| Mark::now(session_id, EndReason::LinkRevoked));
        now(app.close_sessions(marks.collect())).unwrap();
        let refused = now(following).unwrap_err();
        assert!(is_revoked(&refused), "{refused}");
        assert!(["s1", "s2"].iter().all(|session| app.state(session).is_none_or(|state| state == State::Ended)));
    }
}

#[test]
fn a_link_revoked_while_the_same_click_again_is_answered_hands_out_nothing() {
    let app = app_with_link(
        Scripted::default()
            .answer("acquire", 200, &acquired("s1"))
            .answer("open_tab", 200, &target("T1", LINK))
            .pause_at("target")
            .answer("target", 200, &target("T1", LINK)),
    );
    now(follow(&app, "a")).unwrap();
    let mut again = pin!(follow(&app, "a"));
    assert!(is_waiting(again.as_mut()));
    revoke(&app);
    let refused = now(again).unwrap_err();
    assert!(is_revoked(&refused), "{refused}");
}

#[test]
fn whoever_waits_for_a_links_last_browser_gets_one_when_it_fails() {
    let app = app_with_link(
        Scripted::default()
            .pause_at("acquire")
            .answer("acquire", 500, "")
            .answer("acquire", 200, &acquired("s1"))
            .answer("open_tab", 200, &target("T1", LINK)),
    );
    let mut first = pin!(follow(&app, "a"));
    assert!(is_waiting(first.as_mut()));
    let second = BeginClick(click("b"));
    assert!(is_waiting(pin!(app.ledger.ask(&second))));
    now(first).unwrap_err();
    assert_eq!(now(follow(&app, "b")).unwrap().session_id, "s1".into());
    let used_up = now(follow(&app, "c")).unwrap_err();
    assert!(
        matches!(used_up, OpenError::Ledger(LedgerError::Refused(Refusal::LinkUsedUp { max_opens: 1 }))),
        "{used_up}"
    );
}
