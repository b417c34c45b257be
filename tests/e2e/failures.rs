//! What Browser Run can answer instead of a tab, and what becomes of the session then.

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::{
    environment::scripted,
    people::answer,
    scripted::{SESSION, Scripted, TARGET, ok, target},
    until::until,
    worker::{Settings, Worker},
};

const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";

fn new_tab() -> String {
    format!("PUT /browser/{SESSION}/json/new")
}

fn close() -> String {
    format!("DELETE /browser/{SESSION}")
}

fn error(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "errors": [{ "code": 2_000, "message": message }] }))
}

/// The status, the `retry-after` header and the problem that a click is answered with.
async fn problem(upstream: &Scripted) -> (u16, Option<u64>, Value) {
    let answer = upstream.click(&[]).send().await.unwrap();
    let retry_after = answer.headers().get("retry-after").map(|seconds| seconds.to_str().unwrap().parse().unwrap());
    (answer.status().as_u16(), retry_after, answer.json().await.unwrap())
}

/// Has the tab answered by this, and checks that the click ends in `status` and its session is closed, once.
async fn expect_closed_again(tab: ResponseTemplate, status: u16) -> Value {
    let upstream = scripted().await;
    upstream.acquires().await;
    upstream.answer(&new_tab(), tab).await;
    upstream.answer(&close(), ok(json!({ "status": "closing" }))).await;
    let (answered, _, problem) = problem(&upstream).await;
    assert_eq!(answered, status, "{problem}");
    assert_eq!(upstream.calls().await, ["POST /browser", &new_tab(), &close()]);
    problem
}

#[tokio::test]
async fn a_session_whose_tab_fails_is_closed_again() {
    expect_closed_again(error(500, "no tab"), 502).await;
}

#[tokio::test]
async fn a_tab_that_takes_too_long_is_a_504_and_its_session_is_closed_again() {
    expect_closed_again(target(LINK).set_delay(Duration::from_secs(60)), 504).await;
}

#[tokio::test]
async fn an_answer_that_is_no_tab_is_a_502_and_its_session_is_closed_again() {
    expect_closed_again(ResponseTemplate::new(200).set_body_string("{\"id\":"), 502).await;
}

#[tokio::test]
async fn a_link_to_a_foreign_host_is_neither_followed_nor_shown() {
    let problem = expect_closed_again(target("https://evil.example/ui/view?jwt=secret"), 502).await;
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("https://evil.example") && !detail.contains("secret"), "{problem}");
}

#[tokio::test]
async fn a_session_that_vanished_is_replaced_once() {
    let upstream = scripted().await;
    upstream.always(&close(), error(410, "gone")).await;
    upstream.acquires().await;
    upstream.answer(&new_tab(), error(410, "gone")).await;
    upstream.acquires().await;
    upstream.answer(&new_tab(), target(LINK)).await;
    let answer = upstream.click(&[]).send().await.unwrap();
    assert_eq!(answer.headers().get("location").unwrap(), LINK);
    assert_eq!(upstream.calls().await, ["POST /browser", &new_tab(), &close(), "POST /browser", &new_tab()]);

    upstream.acquires().await;
    upstream.answer(&new_tab(), error(410, "gone")).await;
    upstream.acquires().await;
    upstream.answer(&new_tab(), error(404, "gone")).await;
    assert_eq!(problem(&upstream).await.0, 502);
    let replaced_once = ["POST /browser", &new_tab(), &close(), "POST /browser", &new_tab(), &close()];
    assert_eq!(upstream.calls().await[5..], replaced_once);
}

#[tokio::test]
async fn nothing_but_what_is_needed_is_required_of_an_answer() {
    for (acquired, live_view) in [
        (
            json!({ "sessionId": SESSION, "targets": [{ "type": "page" }, 7] }),
            json!({ "options": { "mode": "split" } }),
        ),
        (json!({ "sessionId": SESSION, "targets": "none", "webSocketDebuggerUrl": {} }), json!({ "options": "none" })),
    ] {
        let upstream = scripted().await;
        upstream.answer("POST /browser", ok(acquired.clone())).await;
        upstream.answer(&new_tab(), ok(json!({ "id": TARGET, "title": 7 }))).await;
        let mut live_view = live_view;
        live_view["devtoolsFrontendUrl"] = LINK.into();
        upstream.answer(&format!("POST /browser/{SESSION}/live_view"), ok(live_view)).await;
        let answer = upstream.click(&[("mode", "tab")]).send().await.unwrap();
        let location = answer.headers().get("location").map(|link| link.to_str().unwrap().to_owned());
        assert_eq!((answer.status().as_u16(), location.as_deref()), (302, Some(LINK)), "{acquired}");
    }
}

#[tokio::test]
async fn limits_are_told_apart_and_say_when_to_come_back() {
    for (answer, kind, seconds) in [
        (error(429, "Rate limit exceeded").insert_header("retry-after", "7"), "too-fast", 7..=7),
        (error(429, "Rate limit exceeded"), "too-fast", 1..=60),
        (error(429, "Too many browsers are open"), "too-many-open", 1..=600),
        (error(429, "Browser time limit exceeded for today"), "no-browser-time", 1..=86_400),
        (error(503, "No browser available. Please try again in a few minutes."), "no-browser", 1..=600),
    ] {
        let upstream = scripted().await;
        upstream.answer("POST /browser", answer).await;
        let (status, retry_after, problem) = problem(&upstream).await;
        assert_eq!((status, &problem["type"]), (503, &json!(format!("urn:devtools-link:{kind}"))), "{problem}");
        assert!(retry_after.is_some_and(|retry_after| seconds.contains(&retry_after)), "{kind}: {retry_after:?}");
        assert_eq!(upstream.calls().await, ["POST /browser"], "a POST is never repeated");
    }
}

#[tokio::test]
async fn what_a_ledger_says_that_fails_is_logged_and_told_nobody() {
    let secrets = vec![("CLOUDFLARE_API_TOKEN", "a-token-for-nothing".to_owned())];
    let variables = vec![("CLOUDFLARE_ACCOUNT_ID", "acc".to_owned())];
    let mut worker = Worker::start(&Settings { secrets, variables, ..Settings::default() }).await;
    answer(worker.get("/api/sessions")).await.json(200);
    worker.start_again_over_rubble().await;
    let failed = answer(worker.get("/api/sessions")).await;
    assert_eq!(failed.problem(503, "ledger"), "the session ledger did not answer");
    until("what it said is logged", async || {
        let output = worker.output();
        if output.contains("the session ledger did not answer: ") { Ok(()) } else { Err(output) }
    })
    .await;
}
