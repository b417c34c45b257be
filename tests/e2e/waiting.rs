//! While a browser starts: what a person sees who waits for it, and what a program gets.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{
    environment::scripted,
    observed::line,
    people::Person,
    scripted::{SESSION, Scripted, TARGET, session, target},
    signed_links::make,
};

const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";
/// Longer than anybody looks at nothing.
const SLOW: Duration = Duration::from_millis(900);

/// What a browser sends for a person who follows a link.
fn by_person(click: RequestBuilder) -> RequestBuilder {
    let about = [("site", "none"), ("mode", "navigate"), ("dest", "document"), ("user", "?1")];
    let click = click.header("accept", "text/html").header("accept-encoding", "gzip, deflate, br, zstd");
    about.into_iter().fold(click, |click, (name, value)| click.header(format!("sec-fetch-{name}"), value))
}

async fn acquires_slowly(upstream: &Scripted) {
    upstream.answer("POST /browser", session(SESSION).set_delay(SLOW)).await;
    let tab = format!("PUT /browser/{SESSION}/json/new");
    upstream.answer(&tab, target(LINK).set_delay(SLOW)).await;
}

async fn rest(mut response: Response) -> String {
    let mut rest = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        rest.extend(chunk);
    }
    String::from_utf8(rest).unwrap()
}

#[tokio::test]
async fn a_person_sees_what_happens_until_the_browser_is_there() {
    let upstream = scripted().await;
    acquires_slowly(&upstream).await;
    let mut response = by_person(upstream.click(&[])).send().await.unwrap();
    assert_eq!((response.status(), response.headers().contains_key("location")), (reqwest::StatusCode::OK, false));
    assert_eq!(response.headers()["cache-control"], "no-store, no-transform");
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let first = response.chunk().await.unwrap().unwrap();
    let first = String::from_utf8(first.to_vec()).unwrap();
    assert!(first.contains("<h1>Opening example.com</h1>") && !first.contains("Opening the page"), "{first}");
    let rest = rest(response).await;
    let (steps, last) = rest.split_once("<meta").unwrap();
    assert!(steps.contains("Opening the page in it") && !steps.contains("recording"), "{rest}");
    assert!(last.contains(&format!("content=\"0;url={LINK}\"")) && last.ends_with("</html>"), "{rest}");
    let line = line(upstream.worker(), &id).await;
    assert_eq!((&line["outcome"], &line["status"]), (&"acquired".into(), &200.into()));
    assert!(line["total_ms"].as_u64().unwrap() >= 2 * 900, "{line}");
}

#[tokio::test]
async fn a_program_and_who_asks_for_it_gets_the_redirect_alone() {
    let upstream = scripted().await;
    for click in [upstream.click(&[]), by_person(upstream.click(&[("wait", "redirect")]))] {
        acquires_slowly(&upstream).await;
        let response = click.send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers()["location"].to_str().unwrap()), (302, LINK));
    }
}

#[tokio::test]
async fn who_finds_a_browser_at_once_sees_no_page_of_ours() {
    let upstream = scripted().await;
    upstream.acquires().await;
    upstream.answer(&format!("PUT /browser/{SESSION}/json/new"), target(LINK)).await;
    assert_eq!(by_person(upstream.click(&[])).send().await.unwrap().status(), 302);
}

#[tokio::test]
async fn what_goes_wrong_while_somebody_waits_is_said_there() {
    let upstream = scripted().await;
    let busy = ResponseTemplate::new(503).insert_header("retry-after", "7").set_delay(SLOW);
    upstream.answer("POST /browser", busy).await;
    let response = by_person(upstream.click(&[])).send().await.unwrap();
    assert_eq!(response.status(), 200, "it had begun before anybody knew");
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let page = rest(response).await;
    for part in ["<h1>No browser is free right now</h1>", "data-seconds=\"7\" data-retry", &format!("request {id}")] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let line = line(upstream.worker(), &id).await;
    assert_eq!((&line["outcome"], &line["problem"]), (&"failed".into(), &"no-browser".into()));
}

#[tokio::test]
async fn a_recorded_links_holder_is_shown_it_too_and_then_gets_the_pass_of_what_was_opened() {
    let upstream = scripted().await;
    let link = json!({ "url": upstream.page(), "recording": true });
    let (_, path) = make(Person::new(upstream.worker(), "kim"), link).await;
    acquires_slowly(&upstream).await;
    upstream.always(&format!("GET /browser/{SESSION}/json/list/{TARGET}"), target(LINK)).await;
    let known = "devtools-link-0c7b4c1e-0f5e-4d0c-8a6e-1c6f7f1d2a33=1";
    let follow = || by_person(upstream.worker().get(&path)).header("cookie", known);
    let shown = rest(follow().send().await.unwrap()).await;
    assert!(shown.contains(&format!("content=\"0;url={path}\"")) && !shown.contains("jwt="), "{shown}");
    assert!(shown.contains(&format!("its recording is <a href=\"/s/{SESSION}\">")), "{shown}");
    let answer = follow().send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (302, LINK));
    assert!(answer.headers()["set-cookie"].to_str().unwrap().contains(SESSION));
    let acquired = upstream.calls().await.iter().filter(|call| *call == "POST /browser").count();
    assert_eq!(acquired, 1);
}
