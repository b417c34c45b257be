//! Chromium's switches: what pages and clients get from them, and Puppeteer's own list as the measure.

use std::process::Command;

use cdp_client::Cdp;
use serde_json::json;

use crate::{
    clients::run_client,
    env::{Env, LONG, TOKEN, answer, site, text},
    viewer::open,
};

/// What Puppeteer launches with and this server does not, each with its reason.
const LEFT_OUT: [(&str, &str); 1] =
    [("about:blank", "the first page is opened over CDP, so that it is there when we say so")];

/// A page of a new session.
async fn page(env: &Env, url: &str) -> Cdp {
    let session = env.acquire(LONG).await;
    let mut page = Cdp::link(&open(env, &session, url).await["webSocketDebuggerUrl"]).await.unwrap();
    page.until("document.readyState == 'complete' && location.href != 'about:blank'", &json!(true)).await;
    page
}

#[tokio::test]
async fn puppeteers_switches_are_ours_or_left_out_for_a_reason() {
    let env = Env::start().await;
    env.acquire("").await;
    let (_, status) = answer(env.request_at("GET", "/status").bearer_auth(TOKEN)).await;
    let group = status["sessions"][0]["processGroup"].to_string();
    let output = Command::new("ps").args(["-ww", "-o", "args=", "-p", &group]).output().unwrap();
    let command = String::from_utf8(output.stdout).unwrap();
    let own: Vec<_> = command.split_whitespace().collect();
    let theirs = run_client("switches.mjs", &[]).await;
    let theirs: Vec<String> = serde_json::from_str(&theirs).unwrap();
    assert!(theirs.len() > 30, "{theirs:?}");
    let is_left_out = |switch: &str| LEFT_OUT.iter().any(|(left_out, _)| *left_out == switch);
    let missing: Vec<_> =
        theirs.iter().filter(|theirs| !own.contains(&theirs.as_str()) && !is_left_out(theirs)).collect();
    assert!(missing.is_empty(), "{missing:?} in {command}");
    let idle: Vec<_> = LEFT_OUT.iter().filter(|(switch, _)| !theirs.iter().any(|theirs| theirs == switch)).collect();
    assert!(idle.is_empty(), "Puppeteer does not have these: {idle:?}");
}

#[tokio::test]
async fn a_page_that_is_gone_back_to_is_loaded_again() {
    let (env, site) = (Env::lent().await, site().await);
    let mut page = page(&env, &format!("{site}/first")).await;
    page.evaluate("window.isTheSame = true").await;
    page.call("Page.navigate", json!({"url": format!("{site}/second")})).await;
    page.until("location.pathname == '/second' && document.readyState == 'complete'", &json!(true)).await;
    page.send("Runtime.evaluate", json!({"expression": "history.back()"})).await;
    page.until("location.pathname == '/first' && document.readyState == 'complete'", &json!(true)).await;
    assert_eq!(page.evaluate("window.isTheSame ?? 'another'").await, "another", "not out of the back/forward cache");
}

#[tokio::test]
async fn pages_are_as_large_as_their_window_scrollbars_or_not() {
    let (env, site) = (Env::lent().await, site().await);
    let mut page = page(&env, &site).await;
    page.evaluate("document.body.innerHTML = '<div style=\"width: 5000px; height: 5000px\">'").await;
    let lost = "(({clientWidth, clientHeight}) => [innerWidth - clientWidth, innerHeight - clientHeight])
        (document.documentElement)";
    assert_eq!(page.evaluate(lost).await, json!([0, 0]));
}

#[tokio::test]
async fn a_page_may_push_300_states_at_once() {
    let (env, site) = (Env::lent().await, site().await);
    let mut page = page(&env, &site).await;
    let push = "(() => { for (let i = 1; i <= 300; i++) history.pushState(i, '', '/' + i); return history.state; })()";
    assert_eq!(page.evaluate(push).await, 300);
    assert_eq!(text(&page.evaluate("location.pathname").await), "/300");
}

#[tokio::test]
async fn pages_are_used_with_a_mouse_unless_a_client_says_otherwise() {
    let env = Env::lent().await;
    let session = env.acquire(LONG).await;
    let mut page = Cdp::link(&env.page(&session).await["webSocketDebuggerUrl"]).await.unwrap();
    let queries =
        "['(hover: hover)', '(pointer: fine)', '(any-hover: hover)', '(any-pointer: fine)', '(pointer: coarse)']
        .map(query => matchMedia(query).matches)";
    assert_eq!(page.evaluate(queries).await, json!([true, true, true, true, false]));
    let features = json!({"features": [{"name": "pointer", "value": "coarse"}, {"name": "hover", "value": "none"}]});
    page.call("Emulation.setEmulatedMedia", features).await;
    page.call("Emulation.setTouchEmulationEnabled", json!({"enabled": true})).await;
    page.until("matchMedia('(pointer: coarse)').matches", &json!(true)).await;
}
