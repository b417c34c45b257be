//! An account's limits, as callers meet them.

use std::time::Duration;

use browser_run_local::{Config, Limits, Plan};
use futures_util::future::join_all;
use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use crate::env::{Env, TOKEN, message, until};

async fn env(limits: Limits) -> Env {
    Env::with(Config { limits, ..Config::new(TOKEN) }).await
}

/// The status, the message and the `retry-after` of an acquisition.
async fn acquire(env: &Env) -> (StatusCode, String, Option<u64>) {
    let response = env.request("POST", "/browser").send().await.unwrap();
    let status = response.status();
    let after = response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().parse().unwrap());
    let body: Value = response.json().await.unwrap();
    let said = if status.is_success() { String::new() } else { message(&body).to_owned() };
    (status, said, after)
}

#[tokio::test]
async fn the_free_plan_launches_a_browser_every_20_seconds() {
    let env = env(Limits::of(Plan::Free)).await;
    assert_eq!(acquire(&env).await.0, StatusCode::OK);
    let (status, said, after) = acquire(&env).await;
    assert_eq!((status, said.as_str()), (StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded"));
    assert!(after.is_some_and(|after| (1..=20).contains(&after)), "{after:?}");
    env.server.advance(Duration::from_secs(after.unwrap()));
    assert_eq!(acquire(&env).await.0, StatusCode::OK, "who waits as told is served");
}

#[tokio::test]
async fn browsers_at_once_are_counted_while_they_are_launched_too() {
    let env = env(Limits { max_sessions: Some(2), ..Limits::default() }).await;
    let answers = join_all((0..5).map(|_| acquire(&env))).await;
    let served = answers.iter().filter(|(status, ..)| status.is_success()).count();
    assert_eq!(served, 2, "{answers:?}");
    let (status, said, after) = acquire(&env).await;
    assert_eq!((status, said.as_str()), (StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded"));
    assert!(after.is_some_and(|after| (1..=60).contains(&after)), "the first may be idle by then: {after:?}");

    let first = env.ok("GET", "/session").await[0]["sessionId"].as_str().unwrap().to_owned();
    env.ok("DELETE", &format!("/browser/{first}")).await;
    assert_eq!(acquire(&env).await.0, StatusCode::OK, "one has been closed");
}

#[tokio::test]
async fn a_days_browser_time_is_used_up_until_midnight() {
    let env = env(Limits { daily_time: Some(Duration::from_secs(30)), ..Limits::default() }).await;
    // Away from midnight, whatever time it is.
    let session = env.acquire("?keep_alive=1200000").await;
    let now = env.session(&session).await["startTime"].as_u64().unwrap();
    env.server.advance(Duration::from_millis(86_400_000 - now % 86_400_000 + 3_600_000));
    until("it is idle", async || env.session(&session).await["endTime"].is_u64().then_some(())).await;
    // Its last hour was today's.
    let (status, said, after) = acquire(&env).await;
    assert_eq!((status, said.as_str()), (StatusCode::TOO_MANY_REQUESTS, "Browser time limit exceeded for today"));
    let after = after.unwrap();
    assert!((22 * 3_600..=23 * 3_600).contains(&after), "until midnight: {after}");
    env.server.advance(Duration::from_secs(after));
    assert_eq!(acquire(&env).await.0, StatusCode::OK);
}

#[tokio::test]
async fn acquisitions_without_a_browser_are_503_and_lose_no_slot() {
    let broken = Config { chromium: Some("/bin/false".into()), ..Config::new(TOKEN) };
    let env = Env::with(Config { limits: Limits { max_sessions: Some(1), ..Limits::default() }, ..broken }).await;
    for _ in 0..2 {
        let (status, said, after) = acquire(&env).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(said, "No browser available. Please try again in a few minutes.");
        assert_eq!(after, Some(120));
    }
}

#[tokio::test]
async fn a_binding_is_told_of_limits_and_when_there_may_be_another_browser() {
    let env = env(Limits::of(Plan::Free)).await;
    let limits = async || env.binding("/v1/limits").await;
    let unused = json!({"activeSessions": [], "maxConcurrentSessions": 3, "allowedBrowserAcquisitions": 1,
        "timeUntilNextAllowedBrowserAcquisition": 0});
    assert_eq!(limits().await, unused);
    assert_eq!(limits().await, unused, "asking uses nothing up");

    let session = env.acquire("").await;
    let used = limits().await;
    assert_eq!(used["activeSessions"], json!([{"id": session}]));
    assert_eq!(used["allowedBrowserAcquisitions"], 0);
    let wait_ms = used["timeUntilNextAllowedBrowserAcquisition"].as_u64().unwrap();
    assert!((1..=20_000).contains(&wait_ms), "{used}");
    env.server.advance(Duration::from_millis(wait_ms));
    assert_eq!(limits().await["allowedBrowserAcquisitions"], 1);
    assert_eq!(acquire(&env).await.0, StatusCode::OK, "who waits as told is served");
}

#[tokio::test]
async fn a_binding_is_told_a_number_where_there_are_no_limits() {
    let env = Env::start().await;
    let limits = env.binding("/v1/limits").await;
    assert!(limits["maxConcurrentSessions"].as_u64().unwrap() > 1_000_000, "{limits}");
    assert_eq!(limits["allowedBrowserAcquisitions"], 1);
    for path in ["/v1/sessions", "/v1/history", "/v1/limits"] {
        assert_eq!(env.request_at("GET", path).send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    let session = env.acquire("").await;
    let running = env.binding("/v1/sessions").await["sessions"].clone();
    assert_eq!((running.as_array().unwrap().len(), &running[0]["sessionId"]), (1, &json!(session)));
    env.ok("DELETE", &format!("/browser/{session}")).await;
    assert_eq!(env.binding("/v1/sessions").await, json!({"sessions": []}));
    assert_eq!(env.binding("/v1/history").await["history"][0]["sessionId"], session.as_str());
}
