//! The same click again is the same tab.

use std::time::{Duration, Instant};

use cdp_client::Cdp;
use futures_util::future::join_all;

use crate::{
    environment::{rest, scripted, scripted_dev, site},
    people::answer,
    scripted::{SESSION, Scripted, TARGET, session, target},
    until::until,
};

const CLICKS: usize = 10;

fn link(number: usize) -> String {
    format!("https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt={number}")
}

#[tokio::test]
async fn ten_identical_clicks_at_once_are_one_tab_and_each_ones_link_works() {
    let (environment, site) = (rest().await, site().await);
    let page = format!("{}/ten-at-once", site.origin);
    let clicks = join_all((0..CLICKS).map(|_| answer(environment.worker.click(&page, &[])))).await;
    let tabs: Vec<_> = clicks.iter().map(|click| click.opened(302)).collect();
    for tab in &tabs {
        assert_eq!(tab.permalink, tabs[0].permalink);
        let mut tab = Cdp::behind(&tab.link).await.unwrap();
        tab.until("location.pathname", &"/ten-at-once".into()).await;
    }
    assert_eq!(site.targets("/ten-at-once").len(), 1, "one tab loaded it");
}

#[tokio::test]
async fn a_click_while_the_first_waits_gets_its_tab_and_a_link_of_its_own() {
    expect_one_tab(scripted().await).await;
}

/// With debug assertions and unoptimised: what panics there only looks well in the other.
#[tokio::test]
async fn the_build_that_one_develops_with_survives_a_double_click() {
    expect_one_tab(scripted_dev().await).await;
}

/// Clicks ten times at once.
async fn expect_one_tab(upstream: Scripted) {
    upstream.answer("POST /browser", session(SESSION).set_delay(Duration::from_secs(1))).await;
    upstream.answer(&format!("PUT /browser/{SESSION}/json/new"), target(&link(0))).await;
    for number in 1..CLICKS {
        upstream.answer(&format!("GET /browser/{SESSION}/json/list/{TARGET}"), target(&link(number))).await;
    }
    let page = upstream.page();
    let clicks = join_all((0..CLICKS).map(|_| answer(upstream.worker().click(&page, &[])))).await;
    let mut links: Vec<_> = clicks.iter().map(|click| click.opened(302).link).collect();
    links.sort();
    assert_eq!(links, (0..CLICKS).map(link).collect::<Vec<_>>());
    let opening = upstream.calls().await.into_iter().filter(|call| !call.starts_with("GET ")).collect::<Vec<_>>();
    assert_eq!(opening, ["POST /browser", &format!("PUT /browser/{SESSION}/json/new")]);
}

/// As far as it can be seen here: between the two there is wrangler's proxy, which does not pass on that somebody left.
#[tokio::test]
async fn a_reload_gets_the_tab_that_the_abandoned_click_is_opening() {
    let upstream = scripted().await;
    upstream.answer("POST /browser", session(SESSION).set_delay(Duration::from_secs(1))).await;
    upstream.answer(&format!("PUT /browser/{SESSION}/json/new"), target(&link(0))).await;
    upstream.answer(&format!("GET /browser/{SESSION}/json/list/{TARGET}"), target(&link(1))).await;
    let page = upstream.page();
    let impatient = tokio::spawn(upstream.worker().click(&page, &[]).send());
    until("the browser is asked for", async || {
        let calls = upstream.calls().await;
        if calls == ["POST /browser"] { Ok(()) } else { Err(format!("{calls:?}")) }
    })
    .await;
    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled(), "they have left");

    let reloaded = Instant::now();
    assert_eq!(answer(upstream.worker().click(&page, &[])).await.opened(302).link, link(1));
    assert!(reloaded.elapsed() < Duration::from_secs(30), "{:?}", reloaded.elapsed());
    let opening = upstream.calls().await.into_iter().filter(|call| !call.starts_with("GET ")).collect::<Vec<_>>();
    assert_eq!(opening, ["POST /browser", &format!("PUT /browser/{SESSION}/json/new")]);
}

#[tokio::test]
async fn once_its_seconds_are_over_the_same_click_is_a_new_tab() {
    let upstream = scripted().await;
    for number in [0, 2] {
        upstream.acquires().await;
        upstream.answer(&format!("PUT /browser/{SESSION}/json/new"), target(&link(number))).await;
    }
    upstream.always(&format!("GET /browser/{SESSION}/json/list/{TARGET}"), target(&link(1))).await;
    let page = upstream.page();
    let click = async || answer(upstream.worker().click(&page, &[])).await.opened(302).link;
    assert_eq!([click().await, click().await], [link(0), link(1)]);
    until("the click opens a new tab", async || {
        let answered = click().await;
        if answered == link(2) { Ok(()) } else { Err(answered) }
    })
    .await;
}
