//! The front door: what a person sees at `/`, and what its buttons do.

use cdp_client::Cdp;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::{
    browser_run::{BrowserRun, session_of},
    environment::{guarded, rest, site, strict},
    people::{Answer, Person, answer},
    worker::Worker,
};

/// A person's browser asks.
fn seen(request: RequestBuilder) -> RequestBuilder {
    request.header("accept", "text/html")
}

async fn page(request: RequestBuilder) -> Answer {
    let response = seen(request).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.text().await.unwrap() }
}

async fn home(person: Person<'_>) -> String {
    let answer = page(person.request(Method::GET, "/")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    answer.body
}

#[tokio::test]
async fn home_lists_a_callers_browser_until_its_button_closes_it() {
    let (environment, site) = (guarded().await, site().await);
    let (vic, wes) = (environment.person("vic"), environment.person("wes"));
    assert!(home(vic).await.contains("None is open."));
    let url = format!("{}/at-home", site.origin);
    let opened = vic.open(&url, &[]).await;
    let (path, close) = (&opened.permalink, format!("/sessions/{}/close", opened.session));
    let listed = home(vic).await;
    assert!([path, &url, &close].iter().all(|part| listed.contains(*part)), "{listed}");
    assert!(!home(wes).await.contains(path), "others' are theirs alone");

    assert_eq!(page(wes.request(Method::POST, &close)).await.status, 404);
    let foreign = vic.request(Method::POST, &close).header("origin", "https://evil.example");
    assert_eq!(page(foreign).await.status, 403);
    assert!(home(vic).await.contains(path), "neither of them closed it");
    let closed = page(vic.request(Method::POST, &close)).await;
    assert_eq!((closed.status, closed.header("location")), (303, "/"));
    assert!(environment.browser_run.session(&opened.session).await["endTime"].is_u64());
    assert!(home(vic).await.contains("None is open."));
}

#[tokio::test]
async fn home_leads_to_the_recording_of_what_was_opened_too_fast_for_a_page() {
    let (environment, site) = (guarded().await, site().await);
    let (uma, wes) = (environment.person("uma"), environment.person("wes"));
    let url = format!("{}/recorded-at-home", site.origin);
    let opened = uma.open(&url, &[("recording", ""), ("fresh", "")]).await;
    let listed = home(uma).await;
    assert!(listed.contains("Recorded. ") && !listed.contains("Recordings"), "{listed}");
    assert_eq!(uma.delete(&format!("/api/sessions/{}", opened.session)).await.status, 204);
    let link = format!("<a href=\"/s/{}\">{url}</a>", opened.session);
    let listed = home(uma).await;
    assert!(listed.contains("Recordings") && listed.contains(&link), "{listed}");
    assert!(!home(wes).await.contains(&link));
}

#[tokio::test]
async fn home_leads_to_devtools_and_closes_by_the_keyboard_and_without_scripts() {
    let (environment, site) = (rest().await, site().await);
    let url = format!("{}/by-keyboard", site.origin);
    let other = BrowserRun::start("a-token-for-a-persons-browser").await;
    let mut person = Cdp::behind(&other.open("about:blank").await.1).await.unwrap();
    person.call("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    person.call("Page.navigate", json!({ "url": environment.worker.origin })).await;
    // The field has the focus.
    person.until("document.activeElement?.name === 'url'", &json!(true)).await;
    person.call("Input.insertText", json!({ "text": url })).await;
    press_enter(&mut person).await;
    let live_view = format!("location.href.startsWith('{}/ui/')", environment.browser_run.url());
    person.until(&live_view, &json!(true)).await;

    person.call("Page.navigate", json!({ "url": environment.worker.origin })).await;
    let row = format!("[...document.querySelectorAll('article')].find(row => row.textContent.includes('{url}'))");
    person.until(&format!("Boolean({row})"), &json!(true)).await;
    person.evaluate(&format!("{row}.querySelector('form button').focus()")).await;
    press_enter(&mut person).await;
    let gone = format!("Boolean(document.querySelector('#sessions')) && !{row}");
    person.until(&gone, &json!(true)).await;
}

#[tokio::test]
async fn the_bookmarklet_debugs_the_page_of_another_site_that_one_is_on() {
    let (environment, site) = (rest().await, site().await);
    let other = BrowserRun::start("a-token-for-a-bookmarklet").await;
    let mut person = Cdp::behind(&other.open(&environment.worker.origin).await.1).await.unwrap();
    let link =
        "[...document.links].map(link => decodeURIComponent(link.href)).find(href => href.startsWith('javascript:'))";
    person.until(&format!("Boolean({link})"), &json!(true)).await;
    let bookmarklet = person.evaluate(link).await.as_str().unwrap().strip_prefix("javascript:").unwrap().to_owned();

    let page = format!("{}/bookmarked?a=1&b=2#c", site.origin);
    person.call("Page.navigate", json!({ "url": page })).await;
    person.until("document.readyState", &json!("complete")).await;
    // As a bookmark is: by a person.
    let pressed = json!({ "expression": bookmarklet, "userGesture": true });
    person.call("Runtime.evaluate", pressed).await;
    let live_view = format!("location.href.startsWith('{}/ui/')", environment.browser_run.url());
    person.until(&live_view, &json!(true)).await;
    let session = session_of(person.evaluate("location.href").await.as_str().unwrap()).to_owned();
    let tabs = environment.browser_run.tabs(&session).await;
    assert!(tabs.iter().any(|(_, url)| *url == page), "{tabs:?}");
}

#[tokio::test]
async fn a_browser_that_ends_leaves_home_without_a_reload() {
    let (environment, site) = (rest().await, site().await);
    let url = format!("{}/leaves-home", site.origin);
    let opened = answer(environment.worker.click(&url, &[("fresh", "true")])).await.opened(302);
    let other = BrowserRun::start("a-token-for-a-person-who-waits").await;
    let mut person = Cdp::behind(&other.open(&environment.worker.origin).await.1).await.unwrap();
    let row = format!("Boolean(document.querySelector('form[action*=\"{}\"]'))", opened.session);
    person.until(&row, &json!(true)).await;
    person.evaluate("window.sameDocument = true; document.activeElement.blur()").await;
    let path = format!("/api/sessions/{}", opened.session);
    assert_eq!(environment.worker.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    person.until(&format!("window.sameDocument && !{row}"), &json!(true)).await;
}

#[tokio::test]
async fn home_with_all_that_it_loads_is_under_fifteen_kib() {
    let worker = &guarded().await.worker;
    let mut bytes = 0;
    for path in ["/", "/static/style.css", "/static/pages.js", "/static/icon.svg"] {
        let request = Person::new(worker, "wes").request(Method::GET, path).header("accept-encoding", "gzip");
        let response = seen(request).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        bytes += response.bytes().await.unwrap().len();
    }
    assert!(bytes < 15 * 1_024, "{bytes}");
}

async fn press_enter(person: &mut Cdp) {
    for kind in ["keyDown", "keyUp"] {
        let key = json!({ "type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r" });
        person.call("Input.dispatchKeyEvent", key).await;
    }
}

#[tokio::test]
async fn home_tells_a_stranger_what_it_is_and_whom_to_ask_and_no_more() {
    let strict = strict().await;
    let worker = strict.worker();
    let stranger = page(worker.get("/")).await;
    assert_eq!(stranger.status, 200);
    assert!(stranger.body.contains("It is run by Vera, vera@example.com."), "{}", stranger.body);
    assert!(stranger.body.contains("It is working.") && !stranger.body.contains("browsers\">"), "{}", stranger.body);
    let asked = page(worker.get("/sign-in")).await;
    assert!(asked.status == 401 && asked.header("www-authenticate").starts_with("Basic"), "{asked:?}");
    let signed_in = page(Person::new(worker, "vic").request(Method::GET, "/sign-in")).await;
    assert_eq!((signed_in.status, signed_in.header("location")), (303, "/"));
}

#[tokio::test]
async fn home_is_for_people_and_what_it_loads_is_served() {
    let worker = &guarded().await.worker;
    let program = Person::new(worker, "vic").get("/").await;
    program.problem(400, "url-missing");
    for (path, kind) in [
        ("style.css", "text/css"),
        ("pages.js", "text/javascript"),
        ("icon.svg", "image/svg"),
        ("card.png", "image/png"),
    ] {
        let loaded = page(worker.get(&format!("/static/{path}"))).await;
        assert_eq!((loaded.status, loaded.header("x-content-type-options")), (200, "nosniff"), "{path}");
        assert!(loaded.header("content-type").starts_with(kind), "{loaded:?}");
    }
    let search = page(worker.get("/opensearch.xml")).await;
    assert_eq!(search.header("content-type"), "application/opensearchdescription+xml");
    assert!(search.body.contains(&template(worker)), "{}", search.body);
}

fn template(worker: &Worker) -> String {
    format!("template=\"{}/?url={{searchTerms}}\"", worker.origin)
}

#[tokio::test]
async fn links_are_made_shown_once_followed_and_revoked_on_their_page() {
    let (environment, site) = (guarded().await, site().await);
    let wes = environment.person("wes");
    let form = [("url", format!("{}/by-form", site.origin)), ("max_opens", "1".to_owned()), ("note", String::new())];
    let made = page(wes.request(Method::POST, "/links").form(&form)).await;
    let (_, rest) = made.body.split_once("/l/").unwrap_or_else(|| panic!("{made:?}"));
    let path = format!("/l/{}", rest.split('"').next().unwrap());
    let opened = answer(environment.worker.get(&path)).await.opened(302);
    let listed = page(wes.request(Method::GET, "/links")).await.body;
    assert!(listed.contains("has opened 1 of 1 browsers") && !listed.contains(&path), "{listed}");
    let (_, rest) = listed.split_once("action=\"/links/").unwrap();
    let revoke = format!("/links/{}", rest.split('"').next().unwrap());
    assert_eq!(page(environment.person("vic").request(Method::POST, &revoke)).await.status, 404);
    assert_eq!(page(wes.request(Method::POST, &revoke)).await.header("location"), "/links");
    assert!(environment.browser_run.session(&opened.session).await["endTime"].is_u64());
    assert!(page(wes.request(Method::GET, "/links")).await.body.contains("Revoked; has opened"));
    answer(environment.worker.get(&path)).await.problem(410, "link-revoked");
    assert_eq!(page(environment.worker.get("/links")).await.status, 401);
}

#[tokio::test]
async fn a_permalink_with_watch_leads_to_the_page_alone_for_eyes_only() {
    let (environment, site) = (rest().await, site().await);
    let opened = answer(environment.worker.click(&format!("{}/watched", site.origin), &[])).await.opened(302);
    let watched = answer(environment.worker.get(&format!("{}?watch", opened.permalink))).await.opened(302);
    assert!(watched.link.contains("mode=tab") && watched.tab == opened.tab, "{watched:?}");
    let live_view = reqwest::get(&watched.link).await.unwrap().text().await.unwrap();
    assert!(live_view.contains("READ ONLY"), "{live_view}");
}
