//! Secrets go where they belong and nowhere else.

use reqwest::{Method, Response};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{
    environment::{guarded, rest, scripted, site},
    people::{answer, token_of},
    scripted::{Scripted, TOKEN},
    signed_links,
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

#[tokio::test]
async fn no_token_is_told_or_logged_or_stored_whether_it_is_right_or_wrong() {
    let (environment, site) = (guarded().await, site().await);
    let (rosa, worker) = (environment.person("rosa"), &environment.worker);
    let page = format!("{}/secrets", site.origin);
    let link = rosa.post("/api/links", json!({ "url": page, "note": "no secret" })).await.json(201);
    let signed = link["link"].as_str().unwrap().strip_prefix(&worker.origin).unwrap();
    let sign_in = environment.team.sign(&environment.team.claims("rosa@example.com"));
    let wrong = "a-wrong-token-0123456789";
    let opened = rosa.open(&page, &[]).await;
    let mut answers = Vec::new();
    for (method, path) in [
        (Method::GET, "/?url=https://example.com/&mode=wrong"),
        (Method::GET, "/?url=http://10.0.0.1/"),
        (Method::GET, &format!("/api/sessions/{}", opened.session)),
        (Method::GET, "/api/sessions"),
        (Method::GET, "/api/links"),
        (Method::GET, "/s/unknown"),
        (Method::PUT, "/api/links"),
        (Method::POST, "/api/sessions"),
        (Method::POST, "/api/sweep"),
        (Method::GET, &opened.permalink),
        (Method::DELETE, &format!("/api/sessions/{}", opened.session)),
        (Method::GET, &opened.permalink),
        (Method::GET, signed),
        (Method::GET, &format!("{signed}x")),
    ] {
        for accept in ["application/json", "text/html"] {
            let request = || worker.request(method.clone(), path).header("accept", accept);
            answers.push(answer(request().bearer_auth(token_of("rosa"))).await);
            answers.push(answer(request().bearer_auth(wrong)).await);
            answers.push(answer(request().basic_auth("rosa", Some(token_of("rosa")))).await);
            answers.push(answer(request().header("cookie", format!("CF_Authorization={sign_in}"))).await);
        }
    }
    let (_, keys) = signed_links::keys();
    let mut secrets = vec![token_of("rosa"), wrong.to_owned(), sign_in, environment.browser_run.token.clone()];
    secrets.extend(keys.split([',', ':']).filter(|part| part.len() > 20).map(str::to_owned));
    for secret in &secrets {
        let told = answers.iter().find(|answer| format!("{answer:?}").contains(secret));
        assert!(told.is_none(), "{secret} in {told:?}");
        assert!(!worker.output().contains(secret), "{secret} in {}", worker.output());
    }
    let [stored, kept_by_the_platform] = worker.state();
    let has = |files: &[Vec<u8>], text: &str| {
        files.iter().any(|file| file.windows(text.len()).any(|part| part == text.as_bytes()))
    };
    assert!(has(&stored, &opened.session), "what is stored is looked at");
    assert!(secrets.iter().all(|secret| !has(&stored, secret) && !has(&kept_by_the_platform, secret)));
    // Links that were made, signed ones and those to DevTools, are not stored either. (The platform keeps what URLs
    // were asked for, and a signed link is one.)
    for link in [signed.rsplit('.').next(), opened.link.rsplit('=').next()].into_iter().flatten() {
        assert!(!has(&stored, link), "{link} is stored");
    }
}
