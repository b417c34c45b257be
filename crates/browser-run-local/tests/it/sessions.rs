//! A session's time, and what `/session` says about it.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::env::{Env, message, text, until};

#[tokio::test]
async fn a_session_that_nobody_uses_is_closed_and_one_in_use_is_not() {
    let env = Env::start().await;
    let (idle, used) = (env.acquire("").await, env.acquire("").await);
    let mut browser = env.cdp(&format!("/browser/{used}")).await;
    for _ in 0..2 {
        env.server.advance(Duration::from_secs(50));
        browser.call("Browser.getVersion", json!({})).await;
    }
    let ended = until("the idle session ends", async || {
        Some(env.session(&idle).await).filter(|session| session["endTime"].is_u64())
    });
    let ended = ended.await;
    assert_eq!((&ended["closeReason"], &ended["closeReasonText"]), (&json!(2), &json!("BrowserIdle")));
    let (status, body) = env.call("GET", &format!("/browser/{idle}/json/list")).await;
    assert_eq!((status, message(&body)), (StatusCode::GONE, "Session has ended: BrowserIdle"));

    env.server.advance(Duration::from_secs(50));
    env.ok("GET", &format!("/browser/{used}/json/version")).await;
    env.server.advance(Duration::from_secs(50));
    assert!(env.session(&used).await.get("endTime").is_none(), "calls and messages keep it alive");
    env.server.advance(Duration::from_secs(11));
    assert_eq!(u16::from(browser.closed().await.unwrap().code), 1001);
}

#[tokio::test]
async fn a_closed_session_is_gone_for_every_call_an_unknown_one_not_found() {
    let env = Env::start().await;
    let (session, unknown) = (env.acquire("").await, Uuid::new_v4().to_string());
    assert_eq!(env.ok("DELETE", &format!("/browser/{session}")).await, json!({"status": "closing"}));
    for (method, path) in [
        ("DELETE", ""),
        ("PUT", "/json/new"),
        ("GET", "/json"),
        ("GET", "/json/list"),
        ("GET", "/json/list/0"),
        ("GET", "/json/activate/0"),
        ("GET", "/json/close/0"),
        ("GET", "/json/version"),
        ("GET", "/json/protocol"),
        ("POST", "/live_view"),
    ] {
        for (id, wanted) in
            [(session.as_str(), StatusCode::GONE), (&unknown, StatusCode::NOT_FOUND), ("x", StatusCode::NOT_FOUND)]
        {
            let (status, body) = env.call(method, &format!("/browser/{id}{path}")).await;
            assert_eq!(status, wanted, "{method} {path} of {id}: {}", message(&body));
        }
    }
    assert_eq!(env.session(&unknown).await, Value::Null);
    assert_eq!(env.session("nonsense").await, Value::Null);
}

/// Three sessions, newest first, of which the middle one has ended.
async fn three(env: &Env) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..3 {
        env.server.advance(Duration::from_millis(5));
        ids.insert(0, env.acquire("").await);
    }
    env.ok("DELETE", &format!("/browser/{}", ids[1])).await;
    ids
}

fn ids(sessions: &Value) -> Vec<String> {
    sessions.as_array().unwrap().iter().map(|session| text(&session["sessionId"])).collect()
}

#[tokio::test]
async fn open_sessions_are_listed_newest_first() {
    let env = Env::start().await;
    let [newest, ended, oldest] = three(&env).await.try_into().unwrap();
    let listed = async |query: &str| ids(&env.ok("GET", &format!("/session{query}")).await);
    assert_eq!(listed("").await, [newest.clone(), oldest.clone()], "clients take every entry for one that runs");
    assert_eq!(listed("?limit=1").await, std::slice::from_ref(&newest));
    assert_eq!(listed("?limit=1&offset=1").await, [oldest]);
    assert_eq!(listed("?offset=2").await, Vec::<String>::new());
    assert_eq!(env.call("GET", "/session?limit=many").await.0, StatusCode::BAD_REQUEST);

    let all = env.ok("GET", "/session").await;
    assert!(all.as_array().unwrap().iter().all(|s| s["startTime"].is_u64() && s["lastUpdated"].is_u64()), "{all}");
    assert!(text(&all[0]["devtoolsFrontendUrl"]).contains("/ui/view?wss="));
    let one = env.session(&ended).await;
    assert_eq!((&one["closeReasonText"], &one["closeReason"]), (&json!("NormalClosure"), &json!(1)));
    assert!(one["endTime"].is_u64() && one.get("devtoolsFrontendUrl").is_none());
}

#[tokio::test]
async fn ended_sessions_are_history_for_an_hour() {
    let env = Env::start().await;
    let all = three(&env).await;
    let ended = &all[1];
    let history = async || env.binding("/v1/history").await["history"].clone();
    let first = history().await;
    assert_eq!(ids(&first), all);
    assert_eq!((&first[1]["closeReasonText"], &first[1]["closeReason"]), (&json!("NormalClosure"), &json!(1)));
    assert!(first[1]["endTime"].is_u64() && first[0].get("endTime").is_none(), "{first}");

    assert_eq!(env.call("GET", &format!("/browser/{ended}/json")).await.0, StatusCode::GONE);
    env.server.advance(Duration::from_secs(3600));
    assert!(!ids(&history().await).contains(ended));
    assert_eq!(env.call("GET", &format!("/browser/{ended}/json")).await.0, StatusCode::NOT_FOUND, "forgotten");
}

#[tokio::test]
async fn a_connection_is_seen_from_its_start_to_its_end() {
    let env = Env::start().await;
    let session = env.acquire("").await;
    assert!(env.session(&session).await.get("connectionStartTime").is_none());
    let browser = env.cdp(&format!("/browser/{session}")).await;
    let during = env.session(&session).await;
    assert!(during["connectionStartTime"].is_u64() && during["connectionId"].is_string(), "{during}");
    assert!(during.get("connectionEndTime").is_none(), "{during}");
    drop(browser);
    let after = until("the connection's end is seen", async || {
        Some(env.session(&session).await).filter(|session| session["connectionEndTime"].is_u64())
    });
    let after = after.await;
    assert_eq!(after["connectionStartTime"], during["connectionStartTime"]);
    assert!(after.get("connectionId").is_none(), "{after}");
}

#[tokio::test]
async fn a_browser_that_ends_takes_its_session_with_it() {
    let env = Env::start().await;
    for (command, reason) in [("Browser.close", "NormalClosure"), ("Browser.crash", "ChromiumCrashed")] {
        let session = env.acquire("").await;
        let mut browser = env.cdp(&format!("/browser/{session}")).await;
        browser.send(command, json!({})).await;
        // Calls that meet it dying are told that it is gone, never that something is wrong here.
        until("it is gone for calls", async || {
            let (status, body) = env.call("GET", &format!("/browser/{session}/json")).await;
            assert!([StatusCode::OK, StatusCode::GONE].contains(&status), "{command}: {status} {body}");
            (status == StatusCode::GONE).then_some(())
        })
        .await;
        let ended = until("the session ends", async || {
            Some(env.session(&session).await).filter(|session| session["endTime"].is_u64())
        });
        assert_eq!(ended.await["closeReasonText"], reason, "{command}");
        assert_eq!(env.call("GET", &format!("/browser/{session}/json")).await.0, StatusCode::GONE);
    }
}
