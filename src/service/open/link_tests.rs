//! Clicks on a signed link that is used up or revoked while they are under way.

use super::*;
use crate::browser_run::scripted::Scripted;
use crate::ledger::{LinkRecord, State};
use crate::signed_link::SignedLink;
use crate::test_app::{TestApp, is_waiting, now};
use std::pin::pin;

const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";

fn click(query: &str) -> Click {
    Click::from_query(query, 600).unwrap()
}

fn acquired(session_id: &str) -> String {
    format!(r#"{{"sessionId":"{session_id}"}}"#)
}

fn target(id: &str, link: &str) -> String {
    format!(r#"{{"id":"{id}","type":"page","url":"https://e.com/","devtoolsFrontendUrl":"{link}"}}"#)
}

const HELD: &str = "url=https://a.com&keep_alive=60";

/// An app with a signed link of Ada's.
fn app_with_link(script: Scripted) -> TestApp {
    let app = TestApp::new_for_test(script);
    let click = click(HELD);
    let (url, keep_alive) = (click.url, click.options.keep_alive_seconds);
    let (mode, readonly, confirm) = (None, false, false);
    let link = SignedLink { id: "l1".to_owned(), url, exp: 1_000, max: 1, keep_alive, mode, readonly, confirm };
    now(app.ledger.link_made(LinkRecord::new(&link, "ada".to_owned(), None, 0))).unwrap();
    app
}

async fn follow(app: &TestApp, browser: &str) -> Result<Opened, Error> {
    app.open(&Caller::unknown("link l1", browser), &click(HELD), Some("l1")).await
}

fn revoke(app: &TestApp) -> Vec<String> {
    now(app.ledger.revoke_link("l1", "ada")).unwrap().unwrap()
}

#[test]
fn a_link_revoked_while_its_click_is_under_way_opens_nothing() {
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
        let refused = now(following).unwrap_err().problem(0);
        assert_eq!((refused.status, refused.kind), (410, "urn:devtools-link:link-revoked"), "{paused_at}");
        assert_eq!(app.calls().last().map(String::as_str), Some("DELETE /browser/s1"), "{paused_at}");
        assert_eq!(app.state("s1"), Some(State::Ended), "{paused_at}");
        assert_eq!(app.end_reason("s1").as_deref(), Some(LINK_REVOKED), "{paused_at}");
    }
}

#[test]
fn a_click_whose_browser_was_closed_by_the_revocation_is_told_so_and_gets_no_other_one() {
    for (status, tab) in [(404, "No such session".to_owned()), (200, target("T1", LINK))] {
        let script = Scripted::default().pause_at("open_tab").answer("open_tab", status, &tab);
        let script = ["s1", "s2"].iter().fold(script, |script, session| {
            script.answer("acquire", 200, &acquired(session)).answer("close", 200, r#"{"status":"closing"}"#)
        });
        let app = app_with_link(script);
        let mut following = pin!(follow(&app, "a"));
        assert!(is_waiting(following.as_mut()));
        for session in revoke(&app) {
            now(app.close_session(&session, None, LINK_REVOKED)).unwrap();
        }
        app.forget_ended();
        assert_eq!(now(following).unwrap_err().problem(0).kind, "urn:devtools-link:link-revoked");
        assert!(["s1", "s2"].iter().all(|session| app.state(session).is_none_or(|state| state == State::Ended)));
    }
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
    let second = Caller::unknown("link l1", "b");
    let waits = now(app.ledger.claim(&second, &click(HELD), Some("l1"))).unwrap();
    assert!(matches!(waits, Claim::Wait { .. }), "{waits:?}");
    now(first).unwrap_err();
    assert_eq!(now(follow(&app, "b")).unwrap().session_id, "s1");
    assert_eq!(now(follow(&app, "c")).unwrap_err().problem(0).kind, "urn:devtools-link:link-used-up");
}
