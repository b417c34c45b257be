//! What is wrong with a request is said to whoever sent it, in the form they read.

use reqwest::{Method, Response};

use crate::environment::{rest, unconfigured};

const PROBLEM: &str = "application/problem+json";
const PAGE: &str = "text/html; charset=utf-8";

fn content_type(answer: &Response) -> &str {
    answer.headers()["content-type"].to_str().unwrap()
}

#[tokio::test]
async fn a_bad_link_is_a_400_that_names_what_is_wrong() {
    let worker = &rest().await.worker;
    for (path, kind, wrong) in [
        ("/?mode=tab", "url-missing", "`url` is missing"),
        ("/?url=example.com", "url-invalid", "`example.com` is not an absolute URL"),
        ("/?url=javascript:alert(1)", "url-scheme", "the URL's scheme is `javascript`"),
        ("/file:///etc/passwd", "url-scheme", "the URL's scheme is `file`"),
        ("/?url=https://user:secret@example.com/", "url-credentials", "user name or password"),
        ("/?url=https://example.com/?a=1&b=2", "unknown-option", "unknown option `b`"),
        (
            "/?url=https://example.com/&keep_alive=9",
            "out-of-range",
            "`keep_alive` is `9`; allowed is a whole number of seconds",
        ),
        ("/?url=https://example.com/&mode=all", "out-of-range", "`mode` is `all`; allowed is devtools, tab or full"),
        ("/?url=https://example.com/&url=https://example.com/", "option-twice", "`url` is given twice"),
        ("/?url=%ff", "encoding", "`url=%ff` is not percent-encoded UTF-8"),
    ] {
        for (accept, form) in [("*/*", PROBLEM), ("application/json", PROBLEM), ("text/html,*/*;q=0.8", PAGE)] {
            let answer = worker.get(path).header("accept", accept).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), content_type(&answer)), (400, form), "{path}");
            let body = answer.text().await.unwrap();
            let wrong = if form == PAGE { wrong.replace('`', "&quot;") } else { wrong.to_owned() };
            assert!(body.contains(&wrong) && body.contains(&format!("urn:devtools-link:{kind}")), "{path}: {body}");
        }
    }
}

#[tokio::test]
async fn a_url_of_more_than_2048_bytes_is_a_400() {
    let url = format!("https://example.com/{}", "a".repeat(2_029));
    let answer = rest().await.worker.click(&url, &[]).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let problem: serde_json::Value = answer.json().await.unwrap();
    assert_eq!((&problem["status"], &problem["type"]), (&400.into(), &"urn:devtools-link:url-too-long".into()));
    assert!(problem["detail"].as_str().unwrap().contains("2049 bytes; at most 2048"), "{problem}");
}

#[tokio::test]
async fn what_is_not_there_is_a_404_and_what_cannot_be_done_a_405() {
    let worker = &rest().await.worker;
    let answer = worker.get("/favicon.ico").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), content_type(&answer)), (404, PROBLEM));

    let answer = worker.request(Method::PUT, "/?url=https://example.com/").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), content_type(&answer)), (405, PROBLEM));
    let allowed: Vec<_> = answer.headers()["allow"].to_str().unwrap().split(", ").collect();
    assert!(allowed.contains(&"GET"), "{allowed:?}");
}

#[tokio::test]
async fn without_a_token_and_a_binding_a_click_is_told_what_to_set() {
    let answer = unconfigured().await.click("https://example.com/", &[]).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), content_type(&answer)), (503, PROBLEM));
    let body = answer.text().await.unwrap();
    for name in ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "BROWSER"] {
        assert!(body.contains(name), "{body}");
    }
}
