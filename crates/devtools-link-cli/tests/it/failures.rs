//! What it says when something goes wrong: the Worker's own words, where it has any, and never the token.

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::cli::{Home, TOKEN};

async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn a_problem_is_told_in_the_workers_words_or_as_it_came() {
    let problem = json!({"type": "urn:devtools-link:host-refused", "title": "Host not allowed", "status": 403,
        "detail": "`example.com` is not among the hosts", "request_id": "230b030023ae2822"});
    let answer = ResponseTemplate::new(403).set_body_raw(problem.to_string(), "application/problem+json");
    let server = answering(answer).await;
    let home = Home::new();
    let output = home.ask(&server.uri(), &["open", "https://example.com/"]).await;
    let told = "Error: Host not allowed: `example.com` is not among the hosts (request 230b030023ae2822)";
    assert_eq!(output.complaint(), told);
    let output = home.ask(&server.uri(), &["open", "https://example.com/", "--json"]).await;
    assert_eq!(serde_json::from_str::<Value>(output.complaint()).unwrap(), problem);
}

#[tokio::test]
async fn an_answer_that_is_not_the_workers_is_named_so_and_no_redirect_is_followed() {
    let elsewhere = answering(ResponseTemplate::new(200)).await;
    let redirect = ResponseTemplate::new(302).insert_header("location", format!("{}/login", elsewhere.uri()));
    let page = format!("<html>{}\n", "no\n".repeat(1_000));
    for (answer, said) in [
        (redirect, "sign-in"),
        (ResponseTemplate::new(502).set_body_string(page), "502 Bad Gateway, and not as the Worker does: <html>no no"),
        (ResponseTemplate::new(201).set_body_string("{}"), "no devtools_url"),
        // What echoes a request is no reason to show it.
        (ResponseTemplate::new(200).set_body_string("[]"), "no devtools_url"),
    ] {
        let server = answering(answer).await;
        let output = Home::new().ask(&server.uri(), &["open", "https://example.com/"]).await;
        assert!(output.complaint().contains(said) && output.stderr.len() < 500, "{output:?}");
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_worker_that_is_not_there_and_a_token_that_can_not_be_sent_are_told() {
    let home = Home::new();
    let output = home.ask("http://127.0.0.1:1", &["ls"]).await;
    assert!(output.complaint().contains("no Worker answers at http://127.0.0.1:1"), "{output:?}");
    let token = format!("{TOKEN}\nx");
    let output = home.run(&[("DEVTOOLS_LINK_TOKEN", &token)], &["ls"]).await;
    assert!(output.complaint().contains("token can't be sent"), "{output:?}");
    let output = home.ask("http://link.example", &["ls"]).await;
    assert!(output.complaint().contains("https alone"), "{output:?}");
}
