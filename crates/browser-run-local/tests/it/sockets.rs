//! CDP over this server's WebSocket endpoints.

use base64::{Engine as _, prelude::BASE64_URL_SAFE};
use cdp_client::Cdp;
use reqwest::StatusCode;
use serde_json::json;
use tokio_tungstenite::tungstenite::ClientRequestBuilder;

use crate::env::{Env, LONG, PREFIX, TOKEN, text};

#[tokio::test]
async fn a_client_acquires_and_connects_at_once() {
    let env = Env::start().await;
    let mut browser = env.cdp("/browser?keep_alive=600000").await;
    let version = browser.call("Browser.getVersion", json!({})).await;
    assert!(text(&version["product"]).contains("Chrome"), "{version}");
    assert_eq!(env.ok("GET", "/session").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn guardrails_come_in_a_header_where_there_is_no_body() {
    let env = Env::start().await;
    let connect = async |path: &str, guardrails: &str| {
        let url = format!("ws://{}{PREFIX}{path}", env.server.address());
        let request = ClientRequestBuilder::new(url.parse().unwrap());
        let request = request.with_header("Authorization", format!("Bearer {TOKEN}"));
        Cdp::connect(request.with_header("cf-brapi-guardrails", guardrails)).await
    };
    let encoded = |guardrails: serde_json::Value| BASE64_URL_SAFE.encode(guardrails.to_string());
    let mut owner = connect("/browser", &encoded(json!({"allowedDomains": ["a.example"]}))).await.unwrap();
    let refused = owner.refused("Target.createTarget", json!({"url": "file:///x"})).await;
    assert!(text(&refused["message"]).contains("guardrails"), "{refused}");
    let session = text(&env.ok("GET", "/session").await[0]["sessionId"]);
    let target = text(&env.page(&session).await["id"]);
    for path in [format!("/browser/{session}"), format!("/browser/{session}/page/{target}")] {
        let mut holder = connect(&path, &encoded(json!({"mode": "readonly"}))).await.unwrap();
        let refused = holder.refused("Target.createTarget", json!({"url": "about:blank"})).await;
        assert!(text(&refused["message"]).contains("read-only"), "{path}: {refused}");
    }
    assert_eq!(connect("/browser?browser=kitesurf", "e30").await.err(), Some(StatusCode::BAD_REQUEST));
    for wrong in ["!", &encoded(json!({"allowedDomains": ["https://a"]})), &encoded(json!(7))] {
        assert_eq!(connect("/browser", wrong).await.err(), Some(StatusCode::BAD_REQUEST), "{wrong}");
    }
}

#[tokio::test]
async fn messages_may_have_any_size() {
    const MANY: usize = 80_000_000;
    let env = Env::lent().await;
    let session = env.acquire(LONG).await;
    let target = text(&env.page(&session).await["id"]);
    let mut page = env.cdp(&format!("/browser/{session}/page/{target}")).await;
    let big = page.evaluate(&format!("'x'.repeat({MANY})")).await;
    assert_eq!(big.as_str().unwrap().len(), MANY);
    let sent = page.evaluate(&format!("'{}'.length", "y".repeat(MANY))).await;
    assert_eq!(sent, MANY);
}

#[tokio::test]
async fn a_connection_is_refused_to_others_before_it_starts() {
    let env = Env::lent().await;
    let session = env.acquire(LONG).await;
    let page = env.page(&session).await;
    let address = env.server.address();
    let connect = async |path: String, headers: &[(&str, &str)]| {
        let request = ClientRequestBuilder::new(format!("ws://{address}{path}").parse().unwrap());
        let request = headers.iter().fold(request, |request, (name, value)| request.with_header(*name, *value));
        Cdp::connect(request).await.err()
    };
    let bearer = format!("Bearer {TOKEN}");
    let token = ("Authorization", bearer.as_str());
    let own = format!("http://{address}");
    let browser = format!("{PREFIX}/browser/{session}");
    assert_eq!(connect(browser.clone(), &[]).await, Some(StatusCode::UNAUTHORIZED));
    assert_eq!(connect(format!("{browser}/page/0"), &[token]).await, Some(StatusCode::NOT_FOUND));
    assert_eq!(
        connect(browser.clone(), &[token, ("Origin", "http://evil.example")]).await,
        Some(StatusCode::FORBIDDEN)
    );
    assert_eq!(connect(browser.clone(), &[token, ("Origin", "null")]).await, Some(StatusCode::FORBIDDEN));
    assert_eq!(connect(browser, &[token, ("Origin", &own)]).await, None);

    let link = text(&page["webSocketDebuggerUrl"]);
    let path = link.split_once(&address.to_string()).unwrap().1;
    let bundled = [("Origin", "devtools://devtools")];
    assert_eq!(connect(path.to_owned(), &bundled).await, None, "the front end in every Chromium");
    let evil = [("Origin", "http://evil.example")];
    assert_eq!(connect(path.to_owned(), &evil).await, Some(StatusCode::FORBIDDEN));
}
