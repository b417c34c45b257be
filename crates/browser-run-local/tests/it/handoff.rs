//! `Cloudflare.*` over CDP: what scripts send and are told, on every kind of connection.

use std::time::Duration;

use cdp_client::Cdp;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    env::{Env, LONG, answer, site, text, until},
    viewer::{loaded, open},
};

pub(crate) const COMPLETE: &str = "Cloudflare.handoffComplete";

/// A session, with its first page's target.
async fn session(env: &Env) -> (String, String) {
    let session = env.acquire(LONG).await;
    let target = text(&env.page(&session).await["id"]);
    (session, target)
}

async fn page(env: &Env, (session, target): &(String, String)) -> Cdp {
    env.cdp(&format!("/browser/{session}/page/{target}")).await
}

/// A connection to a session's browser, and a CDP session of its first page on it.
async fn attached(env: &Env, (session, target): &(String, String)) -> (Cdp, String) {
    let mut browser = env.cdp(&format!("/browser/{session}")).await;
    let attached = browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true})).await;
    let in_session = text(&attached["sessionId"]);
    (browser, in_session)
}

#[tokio::test]
async fn a_handoff_is_asked_for_and_completed_on_pages_and_attached_sessions() {
    let env = Env::lent().await;
    let own = session(&env).await;
    let ((mut first, in_session), mut second) = (attached(&env, &own).await, page(&env, &own).await);
    let asked = first.answered_in(&in_session, "Cloudflare.handoff", json!({"instructions": "Log in"})).await;
    assert_eq!((&asked["sessionId"], &asked["result"]["targetId"]), (&json!(in_session), &json!(own.1)), "{asked}");
    let id = &asked["result"]["handoffId"];
    let state = second.call("Cloudflare.getHandoffState", json!({})).await;
    assert_eq!((&state["active"], &state["handoffId"], &state["instructions"]), (&json!(true), id, &json!("Log in")));
    assert!(state["durationMs"].is_u64() && state.get("timeout").is_none(), "{state}");
    let again = second.refused("Cloudflare.handoff", json!({})).await;
    assert!(text(&again["message"]).contains(id.as_str().unwrap()), "{again}");

    let completed =
        json!({"targetId": own.1, "handoffId": id, "instructions": "Log in", "success": false, "reason": "No"});
    let outcome = json!({"success": false, "reason": "No"});
    assert_eq!(second.call(COMPLETE, outcome.clone()).await, completed);
    assert_eq!(first.event(COMPLETE).await, json!({"method": COMPLETE, "params": completed, "sessionId": in_session}));
    let late = json!({"targetId": own.1, "success": false, "reason": "No"});
    assert_eq!(second.call(COMPLETE, outcome).await, late, "there is none any more, and nobody is told");

    let asked = second.call("Cloudflare.handoff", json!({})).await;
    first.answered_in(&in_session, COMPLETE, json!({})).await;
    let event = second.event(COMPLETE).await;
    assert_eq!((&event["params"]["handoffId"], &event["params"]["success"]), (&asked["handoffId"], &json!(true)));
    assert!(event.get("sessionId").is_none(), "{event}");
    assert_eq!(second.call("Cloudflare.getHandoffState", json!({})).await, json!({"active": false}));
}

#[tokio::test]
async fn a_browsers_connection_names_its_target_or_means_the_first_page() {
    let env = Env::lent().await;
    let own = session(&env).await;
    let other = text(&env.ok("PUT", &format!("/browser/{}/json/new", own.0)).await["id"]);
    let mut browser = env.cdp(&format!("/browser/{}", own.0)).await;
    assert_eq!(browser.call("Cloudflare.getSessionId", json!({})).await, json!({"sessionId": own.0}));
    assert_eq!(browser.call("Cloudflare.handoff", json!({})).await["targetId"], own.1.as_str());
    let asked = browser.call("Cloudflare.handoff", json!({"targetId": other})).await;
    assert_eq!(asked["targetId"], other.as_str());

    // Who has asked is told, attached or not.
    let (mut second, in_session) = attached(&env, &own).await;
    second.answered_in(&in_session, COMPLETE, json!({"targetId": other})).await;
    assert_eq!(browser.event(COMPLETE).await["params"]["handoffId"], asked["handoffId"]);
    let answered = second.answered_in(&in_session, "Cloudflare.getSessionId", json!({})).await;
    assert_eq!(answered["result"], json!({"sessionId": own.0}));
}

#[tokio::test]
async fn commands_that_cannot_be_carried_out_are_refused_as_chromium_does() {
    let env = Env::lent().await;
    let own = session(&env).await;
    let (mut page, mut browser) = (page(&env, &own).await, env.cdp(&format!("/browser/{}", own.0)).await);
    for (method, params, code) in [
        ("Cloudflare.handoff", json!({"instructions": "x".repeat(4_097)}), -32_602),
        ("Cloudflare.handoff", json!({"timeout": 1_800_001}), -32_602),
        ("Cloudflare.handoff", json!({"timeout": "soon"}), -32_602),
        ("Cloudflare.handoff", json!({"targetId": "0"}), -32_000),
        ("Cloudflare.handoffComplete", json!({"reason": "x".repeat(1_025)}), -32_602),
        ("Cloudflare.getLiveView", json!({"mode": "x"}), -32_602),
        ("Cloudflare.getLiveView", json!({"expiresInMs": 59_999}), -32_602),
        ("Cloudflare.getLiveView", json!({"expiresInMs": 3_600_001}), -32_602),
        ("Cloudflare.launch", json!({}), -32_601),
    ] {
        assert_eq!(page.refused(method, params.clone()).await["code"], code, "{method} {params}");
    }
    let answer = browser.answered_in("0", "Cloudflare.getSessionId", json!({})).await;
    assert_eq!((&answer["error"]["code"], &answer["sessionId"]), (&json!(-32_001), &json!("0")));
    let most = json!({"instructions": "x".repeat(4_096), "timeout": 1_800_000});
    page.call("Cloudflare.handoff", most).await;
    page.call(COMPLETE, json!({"reason": "x".repeat(1_024)})).await;
}

#[tokio::test]
async fn a_handoff_fails_when_its_time_is_over_by_the_servers_clock() {
    let env = Env::start().await;
    let own = session(&env).await;
    let mut page = page(&env, &own).await;
    let asked = page.call("Cloudflare.handoff", json!({"timeout": 600_000})).await;
    env.server.advance(Duration::from_secs(599));
    let state = page.call("Cloudflare.getHandoffState", json!({})).await;
    assert_eq!((&state["active"], &state["timeout"]), (&json!(true), &json!(600_000)));
    assert!((599_000..600_000).contains(&state["durationMs"].as_u64().unwrap()), "{state}");
    env.server.advance(Duration::from_secs(1));
    let params = json!({"targetId": own.1, "handoffId": asked["handoffId"], "success": false, "reason": "timeout"});
    assert_eq!(page.event(COMPLETE).await["params"], params);
    assert_eq!(page.call("Cloudflare.getHandoffState", json!({})).await, json!({"active": false}));
}

#[tokio::test]
async fn a_session_that_ends_fails_its_handoffs_before_it_closes() {
    let env = Env::start().await;
    for (end, reason) in [
        ("DELETE", "NormalClosure"),
        ("evict", "SessionEvicted"),
        ("crash", "ChromiumCrashed"),
        // `Browser.close` closes its pages first.
        ("close", "the page was closed"),
    ] {
        let own = session(&env).await;
        let (mut asking, in_session) = attached(&env, &own).await;
        let asked = asking.answered_in(&in_session, "Cloudflare.handoff", json!({"timeout": 600_000})).await;
        match end {
            "DELETE" => drop(env.ok("DELETE", &format!("/browser/{}", own.0)).await),
            "evict" => assert!(env.server.evict(&own.0)),
            "crash" => assert!(env.server.crash(&own.0)),
            _ => env.cdp(&format!("/browser/{}", own.0)).await.send("Browser.close", json!({})).await,
        }
        let event = asking.event(COMPLETE).await;
        assert_eq!(event["params"]["handoffId"], asked["result"]["handoffId"], "{end}");
        let outcome = (&event["params"]["success"], &event["params"]["reason"]);
        assert_eq!(outcome, (&json!(false), &json!(reason)), "{end}");
        asking.closed().await;
    }
}

#[tokio::test]
async fn a_page_that_is_closed_fails_its_handoff() {
    let env = Env::lent().await;
    let (session, _) = session(&env).await;
    let mut browser = env.cdp(&format!("/browser/{session}")).await;
    for by_browser in [false, true] {
        let target = text(&env.ok("PUT", &format!("/browser/{session}/json/new")).await["id"]);
        let mut page =
            if by_browser { None } else { Some(env.cdp(&format!("/browser/{session}/page/{target}")).await) };
        let asking = page.as_mut().unwrap_or(&mut browser);
        let asked = asking.call("Cloudflare.handoff", json!({"targetId": target})).await;
        env.ok("GET", &format!("/browser/{session}/json/close/{target}")).await;
        let params = asking.event(COMPLETE).await["params"].take();
        assert_eq!((&params["handoffId"], &params["targetId"]), (&asked["handoffId"], &json!(target)));
        assert_eq!((&params["success"], &params["reason"]), (&json!(false), &json!("the page was closed")));
    }
}

#[tokio::test]
async fn a_frame_that_goes_with_its_page_fails_its_handoff() {
    let (env, site) = (Env::lent().await, site().await);
    let (session, _) = session(&env).await;
    let tab = open(&env, &session, &site).await;
    let (mut page, mut browser) = (loaded(&tab).await, env.cdp(&format!("/browser/{session}")).await);
    let elsewhere = site.replace("127.0.0.1", "localhost");
    page.evaluate(&format!("document.body.innerHTML = '<iframe src={elsewhere}>'")).await;
    let frame = until("the frame's own target", async || {
        let targets = env.ok("GET", &format!("/browser/{session}/json/list")).await;
        targets.as_array().unwrap().iter().find(|target| target["type"] == "iframe").cloned()
    });
    let asked = browser.call("Cloudflare.handoff", json!({"targetId": frame.await["id"]})).await;
    env.ok("GET", &format!("/browser/{session}/json/close/{}", text(&tab["id"]))).await;
    assert_eq!(browser.event(COMPLETE).await["params"]["handoffId"], asked["handoffId"]);
}

#[tokio::test]
async fn a_page_that_crashes_or_changes_its_process_is_still_waited_for() {
    let (env, site) = (Env::lent().await, site().await);
    let own = session(&env).await;
    let (mut page, mut browser) = (page(&env, &own).await, env.cdp(&format!("/browser/{}", own.0)).await);
    browser.call("Target.setDiscoverTargets", json!({"discover": true})).await;
    let asked = browser.call("Cloudflare.handoff", json!({"targetId": own.1})).await;
    page.send("Page.crash", json!({})).await;
    assert_eq!(browser.event("Target.targetCrashed").await["params"]["targetId"], own.1);
    for host in ["127.0.0.1", "localhost"] {
        page.call("Page.navigate", json!({"url": site.replace("127.0.0.1", host)})).await;
        page.until("location.hostname", &json!(host)).await;
    }
    let state = browser.call("Cloudflare.getHandoffState", json!({"targetId": own.1})).await;
    assert_eq!((&state["active"], &state["handoffId"]), (&json!(true), &asked["handoffId"]));
}

#[tokio::test]
async fn a_live_view_is_made_over_cdp() {
    let env = Env::start().await;
    let own = session(&env).await;
    let (mut page, (mut browser, in_session)) = (page(&env, &own).await, attached(&env, &own).await);
    let view = page.call("Cloudflare.getLiveView", json!({})).await;
    assert_eq!((&view["id"], &view["options"]), (&json!(own.1), &json!({"mode": "tab"})));
    let base = env.server.url();
    assert!(text(&view["devtoolsFrontendUrl"]).starts_with(&format!("{base}/ui/view?mode=tab&wss=")), "{view}");
    assert_eq!(reqwest::get(text(&view["devtoolsFrontendUrl"])).await.unwrap().status(), StatusCode::OK);

    let wanted = json!({"mode": "full", "expiresInMs": 3_600_000});
    let view = browser.answered_in(&in_session, "Cloudflare.getLiveView", wanted).await["result"].take();
    assert_eq!(view["options"], json!({"mode": "full"}));
    env.server.advance(Duration::from_secs(600));
    let mut linked = Cdp::link(&view["webSocketDebuggerUrl"]).await.unwrap();
    assert_eq!(linked.call("Cloudflare.getSessionId", json!({})).await["sessionId"], own.0.as_str());
    assert_eq!(linked.evaluate("1 + 1").await, 2, "Chromium answers everything else");
}

#[tokio::test]
async fn a_read_only_link_tells_of_a_handoff_and_neither_asks_nor_completes() {
    let env = Env::lent().await;
    let own = session(&env).await;
    let request = env.request("POST", &format!("/browser/{}/live_view", own.0));
    let (_, view) = answer(request.json(&json!({"mode": "tab", "guardrails": {"mode": "readonly"}}))).await;
    let (mut page, mut holder) = (page(&env, &own).await, Cdp::link(&view["webSocketDebuggerUrl"]).await.unwrap());
    page.call("Cloudflare.handoff", json!({})).await;
    for method in ["Cloudflare.handoff", COMPLETE, "Cloudflare.getLiveView"] {
        assert!(text(&holder.refused(method, json!({})).await["message"]).contains("read-only"), "{method}");
    }
    assert_eq!(holder.call("Cloudflare.getHandoffState", json!({})).await["active"], true);
    page.call(COMPLETE, json!({})).await;
    assert_eq!(holder.event(COMPLETE).await["params"]["success"], true);
}

#[tokio::test]
async fn the_protocol_describes_cloudflares_domain() {
    let env = Env::lent().await;
    let (session, _) = session(&env).await;
    let protocol = env.ok("GET", &format!("/browser/{session}/json/protocol")).await;
    let domains = protocol["domains"].as_array().unwrap();
    let own = domains.iter().find(|domain| domain["domain"] == "Cloudflare").unwrap();
    let names: Vec<&Value> = own["commands"].as_array().unwrap().iter().map(|command| &command["name"]).collect();
    assert_eq!(names, ["getSessionId", "getLiveView", "handoff", "handoffComplete", "getHandoffState"]);
}
