//! A page on another origin tries every way to open or close a session, in a real browser.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    cdp::Cdp,
    environment::{rest, site},
    hostile::Hostile,
    people::answer,
    until::until,
};

/// What our page is to such a page: another origin of the same site, and another site.
const HOSTS: [&str; 2] = ["127.0.0.1", "localhost"];

/// Gets a preview, which opens nothing.
const PREVIEWED: [&str; 18] = [
    "img",
    "iframe",
    "script",
    "module",
    "stylesheet",
    "prefetch",
    "preload",
    "object",
    "embed",
    "video",
    "background",
    "fetch-no-cors",
    "fetch-cors",
    "event-source",
    "web-socket",
    "form-get",
    "speculation-prefetch",
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
async fn nothing_but_a_navigation_to_a_link_opens_anything_and_nothing_closes() {
    let (environment, site, hostile) = (rest().await, site().await, Hostile::start().await);
    let worker = &environment.worker;
    let victim = answer(worker.click(&format!("{}/victim", site.origin), &[])).await.opened(302);
    for host in HOSTS {
        let visit = async |how: &str| {
            let worker = worker.origin.as_str();
            let parameters = [("worker", worker), ("site", &site.origin), ("victim", &victim.session), ("how", how)];
            let (_, link) = environment.browser_run.open(&hostile.url(host, &parameters)).await;
            Cdp::connect(&link).await.unwrap()
        };
        visit("quietly").await.until("document.title", &json!("It tried everything")).await;
        visit("by-posting").await;
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

        // What a person does who follows a link from there. Whatever had been opened before would load before it.
        let mut visitor = visit("by-navigating").await;
        expected.insert("navigation".to_owned(), 302);
        every_way(&expected).await;
        visitor.until("location.pathname.startsWith('/ui/')", &json!(true)).await;
        until("the page is loaded", async || {
            let loaded = site.targets(&below);
            if loaded == [format!("{below}navigation")] { Ok(()) } else { Err(format!("{loaded:?}")) }
        })
        .await;
    }
    let mut victim = Cdp::connect(&victim.link).await.unwrap();
    victim.until("location.pathname", &json!("/victim")).await;
    // Here nothing else sweeps.
    answer(worker.get("/api/sweep")).await.problem(404, "not-found");
}
