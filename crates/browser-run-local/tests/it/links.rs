//! Links: for how long, to what, and what a person sees when one leads nowhere.

use std::time::Duration;

use cdp_client::Cdp;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::env::{Env, LONG, answer, message, text};

/// The status and the page behind a link, as a browser that follows it sees them.
async fn open(url: &Value) -> (StatusCode, String) {
    let response = reqwest::get(text(url)).await.unwrap();
    (response.status(), response.text().await.unwrap())
}

fn changed(url: &Value, from: &str, to: &str) -> Value {
    let changed = text(url).replace(from, to);
    assert_ne!(changed, text(url));
    json!(changed)
}

#[tokio::test]
async fn a_link_starts_connections_for_five_minutes_and_those_live_on() {
    let env = Env::start().await;
    let session = env.acquire("?keep_alive=1200000").await;
    let page = env.page(&session).await;
    let longer = env.ok("GET", &format!("/browser/{session}/json?liveViewUrlExpiresInMs=600000")).await[0].clone();
    let (status, html) = open(&page["devtoolsFrontendUrl"]).await;
    assert!(status == StatusCode::OK && html.contains("<title>DevTools</title>"), "{status}: {html}");

    env.server.advance(Duration::from_secs(299));
    let mut connected = Cdp::link(&page["webSocketDebuggerUrl"]).await.unwrap();
    env.server.advance(Duration::from_secs(1));
    assert_eq!(Cdp::link(&page["webSocketDebuggerUrl"]).await.err(), Some(StatusCode::UNAUTHORIZED));
    let (status, html) = open(&page["devtoolsFrontendUrl"]).await;
    assert!(status == StatusCode::UNAUTHORIZED && html.contains("This link has expired"), "{status}: {html}");

    assert_eq!(connected.evaluate("1 + 1").await, 2, "an established connection lives on");
    assert!(Cdp::link(&longer["webSocketDebuggerUrl"]).await.is_ok(), "it was asked to last longer");
    let fresh = env.page(&session).await;
    assert!(Cdp::link(&fresh["webSocketDebuggerUrl"]).await.is_ok(), "listing makes fresh links");
}

#[tokio::test]
async fn a_link_leads_to_its_own_page_only_and_only_as_it_was_made() {
    let env = Env::start().await;
    let (session, other) = (env.acquire("").await, env.acquire("").await);
    let (page, other_page) = (env.page(&session).await, env.page(&other).await);
    let (target, other_target) = (text(&page["id"]), text(&other_page["id"]));
    for (from, to) in
        [(session.as_str(), other.as_str()), (&target, &other_target), ("?jwt=ey", "?jwt=ex"), ("?jwt=", "?no=")]
    {
        let socket = Cdp::link(&changed(&page["webSocketDebuggerUrl"], from, to)).await;
        assert_eq!(socket.err(), Some(StatusCode::UNAUTHORIZED), "{from} → {to}");
        let (status, html) = open(&changed(&page["devtoolsFrontendUrl"], from, to)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{from} → {to}");
        assert!(html.contains("This link is not valid"), "{html}");
    }
    let inspector = changed(&page["devtoolsFrontendUrl"], "/ui/view", "/ui/inspector");
    assert_eq!(open(&inspector).await.0, StatusCode::OK);

    env.ok("DELETE", &format!("/browser/{session}")).await;
    let (status, html) = open(&page["devtoolsFrontendUrl"]).await;
    assert!(status == StatusCode::GONE && html.contains("This browser session has ended"), "{status}: {html}");
    assert_eq!(Cdp::link(&page["webSocketDebuggerUrl"]).await.err(), Some(StatusCode::GONE));
}

#[tokio::test]
async fn a_live_view_is_made_as_asked_for() {
    let env = Env::lent().await;
    let session = env.acquire(LONG).await;
    let path = format!("/browser/{session}/live_view");
    let live_view = async |body: Value| answer(env.request("POST", &path).json(&body)).await;
    let first = text(&env.page(&session).await["id"]);
    let second = text(&env.ok("PUT", &format!("/browser/{session}/json/new")).await["id"]);

    let (status, view) = answer(env.request("POST", &path)).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    assert_eq!((&view["id"], &view["options"]), (&json!(first), &json!({"mode": "devtools"})));
    let (_, view) = live_view(json!({"mode": "tab", "targetId": second, "expiresInMs": 60_000})).await;
    assert_eq!((&view["id"], &view["options"]), (&json!(second), &json!({"mode": "tab"})));
    assert!(text(&view["devtoolsFrontendUrl"]).contains("/ui/view?mode=tab&wss="), "{view}");
    assert_eq!(open(&view["devtoolsFrontendUrl"]).await.0, StatusCode::OK);
    assert!(Cdp::link(&view["webSocketDebuggerUrl"]).await.is_ok());

    for (body, status, says) in [
        (json!({"mode": "x"}), StatusCode::BAD_REQUEST, "expected one of `devtools`, `tab`, `full`"),
        (json!({"expiresInMs": 59_999}), StatusCode::BAD_REQUEST, "expiresInMs must be from 60000 to 3600000"),
        (json!({"expiresInMs": 3_600_001}), StatusCode::BAD_REQUEST, "expiresInMs must be from 60000 to 3600000"),
        (json!({"targetId": "0"}), StatusCode::NOT_FOUND, "Target not found"),
        (json!({"guardrails": {"mode": "x"}}), StatusCode::BAD_REQUEST, "readonly"),
    ] {
        let (is, answer) = live_view(body.clone()).await;
        assert_eq!(is, status, "{body}");
        assert!(message(&answer).contains(says), "{body}: {answer}");
    }
}
