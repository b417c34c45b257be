//! Faults on demand, as clients meet them.

use std::time::{Duration, Instant};

use browser_run_local::{Config, Faults};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::env::{Env, TOKEN, answer, message};

fn faults(json: Value) -> Faults {
    json.to_string().parse().unwrap()
}

async fn env(json: Value) -> Env {
    Env::with(Config { faults: Some(faults(json)), ..Config::new(TOKEN) }).await
}

#[tokio::test]
async fn calls_of_an_endpoint_are_answered_as_the_faults_say() {
    let env = env(json!([
        {"on": "GET /session", "after": 1, "times": 2, "status": 429, "headers": {"retry-after": "7"}},
        {"on": "GET /session", "status": 500, "body": "plain text"},
        {"on": "GET /session", "malformed": true},
    ]))
    .await;
    assert_eq!(env.call("GET", "/session").await, (StatusCode::OK, json!([])));
    for _ in 0..2 {
        let response = env.request("GET", "/session").send().await.unwrap();
        assert_eq!(response.headers()["retry-after"], "7");
        let (status, body) = (response.status(), response.json::<Value>().await.unwrap());
        assert_eq!((status, message(&body)), (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"));
    }
    let plain = env.request("GET", "/session").send().await.unwrap();
    assert_eq!(
        (plain.status(), plain.text().await.unwrap().as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "plain text")
    );
    let malformed = env.request("GET", "/session").send().await.unwrap();
    assert_eq!(malformed.status(), StatusCode::OK);
    assert!(serde_json::from_str::<Value>(&malformed.text().await.unwrap()).is_err());
    assert_eq!(env.call("GET", "/session").await, (StatusCode::OK, json!([])), "that was all");
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_call_is_carried_out() {
    let env = env(json!([{"on": "POST /browser", "cut": true}, {"on": "POST /browser", "lost": true}])).await;
    for sessions in [0, 1] {
        let error = env.request("POST", "/browser").send().await.unwrap_err();
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
        assert_eq!(env.ok("GET", "/session").await.as_array().unwrap().len(), sessions);
    }
    env.acquire("").await;
}

#[tokio::test]
async fn an_answer_is_delayed() {
    let env = env(json!({"on": "GET /session", "delayMs": 400})).await;
    let start = Instant::now();
    env.ok("GET", "/session").await;
    assert!(start.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn a_call_meets_a_session_just_crashed_evicted_or_expired() {
    let env = env(json!([
        {"on": "PUT /browser/{session_id}/json/new", "crash": true},
        {"on": "PUT /browser/{session_id}/json/new", "evict": true},
        {"on": "PUT /browser/{session_id}/json/new", "advanceMs": 60_000},
    ]))
    .await;
    for reason in ["ChromiumCrashed", "SessionEvicted", "BrowserIdle"] {
        let session = env.acquire("").await;
        let mut browser = env.cdp(&format!("/browser/{session}")).await;
        browser.call("Browser.getVersion", json!({})).await;
        let (status, body) = env.call("PUT", &format!("/browser/{session}/json/new")).await;
        assert_eq!((status, message(&body)), (StatusCode::GONE, format!("Session has ended: {reason}").as_str()));
        assert_eq!(env.session(&session).await["closeReasonText"], reason);
        assert_eq!(u16::from(browser.closed().await.unwrap().code), 1001, "{reason}");
    }
}

#[tokio::test]
async fn rust_tests_inject_crash_and_evict_directly() {
    let env = Env::start().await;
    env.server.inject(faults(json!({"on": "*", "status": 503})));
    assert_eq!(env.call("GET", "/session").await.0, StatusCode::SERVICE_UNAVAILABLE);
    let (crashed, evicted) = (env.acquire("").await, env.acquire("").await);
    assert!(env.server.crash(&crashed) && env.server.evict(&evicted));
    assert!(!env.server.evict(&evicted) && !env.server.crash("nonsense"));
    assert_eq!(env.session(&evicted).await["closeReasonText"], "SessionEvicted");
    assert_eq!(env.call("GET", &format!("/browser/{crashed}/json")).await.0, StatusCode::GONE);
}

#[tokio::test]
async fn the_admin_port_does_all_of_it_for_bearers_of_the_token() {
    let env = Env::with(Config { admin_port: Some(0), ..Config::new(TOKEN) }).await;
    let admin = env.server.admin_url().unwrap();
    let client = reqwest::Client::new();
    let post = |path: String| client.post(format!("{admin}{path}")).bearer_auth(TOKEN);
    assert_eq!(client.get(format!("{admin}/faults")).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(env.request_at("POST", "/clock").bearer_auth(TOKEN).send().await.unwrap().status(), 404, "not there");

    let added = post("/faults".into()).body(r#"{"on": "GET /session", "times": 2, "status": 500}"#).send().await;
    assert_eq!(added.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(env.call("GET", "/session").await.0, StatusCode::INTERNAL_SERVER_ERROR);
    let left = client.get(format!("{admin}/faults")).bearer_auth(TOKEN);
    assert_eq!(answer(left).await.1, json!({"left": 1}));
    client.delete(format!("{admin}/faults")).bearer_auth(TOKEN).send().await.unwrap();
    let (status, body) = answer(post("/faults".into()).body(r#"{"on": "GET /session", "staus": 500}"#)).await;
    assert!(status == StatusCode::BAD_REQUEST && message(&body).contains("staus"), "{body}");

    let (crashed, evicted, idle) = (env.acquire("").await, env.acquire("").await, env.acquire("").await);
    assert_eq!(post(format!("/sessions/{crashed}/crash")).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(post(format!("/sessions/{evicted}/evict")).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(post(format!("/sessions/{evicted}/evict")).send().await.unwrap().status(), StatusCode::GONE);
    let (_, before) = answer(post("/clock".into())).await;
    let (_, after) = answer(post("/clock".into()).json(&json!({"advanceMs": 60_000}))).await;
    assert!(after["now"].as_u64().unwrap() >= before["now"].as_u64().unwrap() + 60_000);
    for (id, reason) in [(&evicted, "SessionEvicted"), (&idle, "BrowserIdle")] {
        assert_eq!(env.session(id).await["closeReasonText"], reason);
    }
}
