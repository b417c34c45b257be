//! The API token goes to Browser Run and nowhere else.

use reqwest::Response;
use wiremock::ResponseTemplate;

use crate::{
    environment::{rest, scripted},
    scripted::{Scripted, TOKEN},
    until::until,
};

/// Checks that an answer, and what was logged of it, tell no token. Answers the body.
async fn expect_no_token(upstream: &Scripted, answer: Response, logged: &str) -> String {
    let headers = format!("{:?}", answer.headers());
    let body = answer.text().await.unwrap();
    let output = until("the error is logged", async || {
        let output = upstream.worker().output();
        if output.contains(logged) { Ok(output) } else { Err(output) }
    })
    .await;
    for text in [&headers, &body, &output] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    body
}

#[tokio::test]
async fn a_wrong_token_is_a_502_that_names_the_permission_and_not_the_token() {
    let (upstream, real) = (scripted().await, rest().await);
    upstream.switch_to(&real.browser_run.url());
    for accept in ["application/json", "text/html"] {
        let answer = upstream.click(&[]).header("accept", accept).send().await.unwrap();
        assert_eq!(answer.status(), 502);
        let body = expect_no_token(&upstream, answer, "refused the credentials (401)").await;
        assert!(body.contains("Browser Rendering – Edit"), "{body}");
    }
}

#[tokio::test]
async fn an_upstream_that_echoes_the_token_does_not_give_it_away() {
    let upstream = scripted().await;
    let echo = |request: &wiremock::Request| {
        let sent = request.headers["authorization"].to_str().unwrap();
        ResponseTemplate::new(500).set_body_string(format!("an echo of {sent}"))
    };
    upstream.answer("POST /browser", echo).await;
    let answer = upstream.click(&[]).send().await.unwrap();
    assert_eq!(answer.status(), 502);
    let body = expect_no_token(&upstream, answer, "an echo of").await;
    assert!(body.contains("an echo of Bearer [redacted]"), "{body}");
}
