//! A page on another origin tries every way to open or close a session, in a real browser.

use std::collections::BTreeMap;

use cdp_client::Cdp;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    browser_run::BrowserRun,
    environment::{PUBLIC_HOST, rest, site},
    hostile::Hostile,
    people::answer,
    until::until,
};

/// What our page is to such a page: another origin of the same site, and another site.
const HOSTS: [&str; 2] = ["127.0.0.1", "localhost"];

/// Gets a preview, which opens nothing.
const PREVIEWED: [&str; 19] = [
    "img", "iframe", "script", "module", "stylesheet", "prefetch", "preload", "object", "embed", "video", "audio",
    "background", "fetch-no-cors", "fetch-cors", "event-source", "web-socket", "form-get", "speculation-prefetch",
    "speculation-prerender",
];
/// Is refused.
const REFUSED: [&str; 5] = ["fetch-post", "beacon", "form-post", "ping", "post"];

/// What the requests that name their way below this path were answered, as wrangler has logged it.
fn answered(output: &str, below: &str) -> BTreeMap<String, u16> {
    let requests = output.lines().filter_map(|line| line.strip_prefix("[wrangler:info] "));
    let ways = requests.filter_map(|request| request.split_once(below)).map(|(_, rest)| rest.split(' '));
    ways.filter_map(|mut rest| Some((rest.next()?.to_owned(), rest.next()?.parse().ok()?))).collect()
}

#[tokio::test]
async fn nothing_but_a_persons_click_opens_anything_and_nothing_closes() {
    let (environment, site, hostile) = (rest().await, site().await, Hostile::start().await);
    let worker = &environment.worker;
    let victim = answer(worker.click(&format!("{}/victim", site.origin), &[])).await.opened(302);
    for host in HOSTS {
        let page = |how: &str| {
            let worker = worker.origin.as_str();
            let parameters = [("worker", worker), ("site", &site.origin), ("victim", &victim.session), ("how", how)];
            hostile.url(host, &parameters)
        };
        // In a browser of its own, in which no other tab comes before it: a hidden page speculates on nothing.
        let (_, link) = environment.browser_run.open(&page("quietly")).await;
        Cdp::behind(&link).await.unwrap().until("document.title", &json!("It tried everything")).await;
        let (visitors, _) = environment.browser_run.open(&page("by-posting")).await;
        let visit = async |how: &str| {
            let link = environment.browser_run.open_tab(&visitors, &page(how)).await;
            Cdp::behind(&link).await.unwrap()
        };
        let refused = REFUSED.map(|way| (way.to_owned(), 403));
        let mut expected: BTreeMap<_, _> =
            PREVIEWED.map(|way| (way.to_owned(), 200)).into_iter().chain(refused).collect();
        let below = format!("/hostile/{host}/");
        let every_way = async |expected: &BTreeMap<_, _>| {
            until("each way was tried, and answered so", async || {
                let answered = answered(&worker.output(), &below);
                if answered == *expected { Ok(()) } else { Err(format!("{answered:?}, not {expected:?}")) }
            })
            .await;
        };
        every_way(&expected).await;

        // A page can have its visitors leave for a link, which is no click of theirs: they find the button.
        for (how, way) in [("by-navigating", "navigation"), ("by-refreshing", "refresh"), ("by-opening", "window")] {
            visit(how).await.until("document.querySelector('button')?.textContent", &json!("Open DevTools")).await;
            expected.insert(way.to_owned(), 200);
        }
        every_way(&expected).await;

        // What a person does who follows a link from there. Whatever had been opened before would load before it.
        let mut visitor = visit("by-a-person").await;
        visitor.until("document.title", &json!("There is a link")).await;
        visitor.click("a").await;
        visitor.until("location.pathname.startsWith('/ui/')", &json!(true)).await;
        until("the page is loaded", async || {
            let loaded = site.targets(&below);
            if loaded == [format!("{below}person")] { Ok(()) } else { Err(format!("{loaded:?}")) }
        })
        .await;
    }
    let mut victim = Cdp::behind(&victim.link).await.unwrap();
    victim.until("location.pathname", &json!("/victim")).await;
    // Here nothing else sweeps.
    answer(worker.get("/api/sweep")).await.problem(404, "not-found");
}

/// What Chromium sends over plain http as it sends a person's click.
const SAID_NOTHING_OF: [&str; 12] = [
    "img", "iframe", "script", "module", "stylesheet", "object", "embed", "video", "audio", "preload", "fetch-no-cors",
    "background",
];

#[tokio::test]
async fn over_plain_http_nothing_opens_but_by_the_button() {
    let (environment, site, hostile) = (rest().await, site().await, Hostile::start().await);
    let folder = TempDir::new().unwrap();
    let browser_run = BrowserRun::start_resolving("a-token-for-plain-http", folder.path()).await;
    let worker = &environment.worker;
    let plain = worker.origin.replace("127.0.0.1", PUBLIC_HOST);
    let visit = async |how: &str| {
        let parameters = [("worker", plain.as_str()), ("site", &site.origin), ("victim", "none"), ("how", how)];
        let (_, link) = browser_run.open(&hostile.url("evil.example", &parameters)).await;
        Cdp::behind(&link).await.unwrap()
    };
    visit("quietly").await.until("document.title", &json!("It tried everything")).await;
    visit("by-posting").await;
    let mut person = visit("by-a-person").await;
    person.until("document.title", &json!("There is a link")).await;
    person.click("a").await;
    person.until("document.querySelector('button')?.textContent", &json!("Open DevTools")).await;
    let below = "/hostile/evil.example/";
    let tried = until("every way was tried", async || {
        let tried = answered(&worker.output(), below);
        let all = SAID_NOTHING_OF.iter().chain(&REFUSED).chain(&["person"]).all(|way| tried.contains_key(*way));
        if all { Ok(tried) } else { Err(format!("{tried:?}")) }
    })
    .await;
    for (way, status) in &tried {
        assert_eq!(*status, if REFUSED.contains(&way.as_str()) { 403 } else { 200 }, "{way}: {tried:?}");
    }
    // Chromium is known by its name to be silent where it need not be. Others are not.
    for agent in ["Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/604.1", "curl/8.5.0", ""] {
        let page = format!("/{}{below}silent", site.origin);
        let request = worker.get(&page).header("host", PUBLIC_HOST).header("user-agent", agent);
        assert_eq!(answer(request).await.status, 200, "{agent}");
    }
    assert!(site.targets(below).is_empty(), "nothing was opened");

    person.click("button").await;
    person.until("location.pathname.startsWith('/ui/')", &json!(true)).await;
    until("the page is loaded", async || {
        let loaded = site.targets(below);
        if loaded == [format!("{below}person")] { Ok(()) } else { Err(format!("{loaded:?}")) }
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_not_ours_lets_nobody_in_where_everyone_may() {
    let (environment, site) = (rest().await, site().await);
    let (worker, page) = (&environment.worker, format!("{}/rebound", site.origin));
    let opened = answer(worker.click(&format!("{}/victim-of-rebinding", site.origin), &[])).await.opened(302);
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example"] {
        let rebound = |method, path: &str| worker.request(method, path).header("host", format!("{host}:8787"));
        for request in [
            rebound(Method::GET, "/api/sessions"),
            rebound(Method::GET, "/api/sweep"),
            rebound(Method::POST, "/api/sweep").json(&json!({ "dry_run": true })),
            rebound(Method::POST, "/api/sessions").json(&json!({ "url": page })),
            rebound(Method::POST, &format!("/{page}")).header("origin", format!("http://{host}:8787")),
            rebound(Method::DELETE, &format!("/api/sessions/{}", opened.session)),
            rebound(Method::POST, &opened.permalink),
            // As a browser that trusted the page would have it.
            rebound(Method::GET, &opened.permalink)
                .header("sec-fetch-site", "same-origin")
                .header("sec-fetch-mode", "navigate")
                .header("sec-fetch-dest", "document"),
        ] {
            let told = answer(request).await.problem(421, "misdirected");
            assert!(told.contains(host) && told.contains("PUBLIC_HOSTS"), "{told}");
        }
    }
    assert!(site.targets("/rebound").is_empty(), "nothing was opened");
    for host in ["localhost:1", "plain.example", "Plain.Example:80", "app.localhost", "192.0.2.7"] {
        let ours = answer(worker.get("/api/sessions").header("host", host)).await;
        assert_eq!(ours.status, 200, "{host}: {ours:?}");
    }
}
