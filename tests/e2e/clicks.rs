//! A click ends on exactly the URL that was asked for.

use cdp_client::Cdp;
use serde_json::json;

use crate::{
    environment::{binding, rest, scripted, site},
    scripted::{SESSION, target},
    site::Site,
};

/// Checks that the tab behind a link is on exactly this URL, and that the site was asked for exactly its target.
async fn expect_tab(link: &str, site: &Site, path: &str) {
    let mut tab = Cdp::behind(link).await.unwrap();
    tab.until("location.href", &json!(format!("{}{path}", site.origin))).await;
    tab.until("document.readyState", &json!("complete")).await;
    let (target, _) = path.split_once('#').unwrap_or((path, ""));
    let (beginning, _) = target.split_once('?').unwrap();
    assert_eq!(site.targets(beginning), [target]);
}

#[tokio::test]
async fn a_click_on_an_odd_url_ends_on_exactly_that_url() {
    let site = site().await;
    let odd = format!("{}/query/ä b/%26?x=1&y=a+b&z=%26%20%2B&url=http://c/#frag&ment", site.origin);
    let link = rest().await.worker.open(&odd).await;
    let exact = "/query/%C3%A4%20b/%26?x=1&y=a+b&z=%26%20%2B&url=http://c/#frag&ment";
    expect_tab(&link, site, exact).await;
}

#[tokio::test]
async fn an_odd_url_behind_the_first_slash_is_opened_exactly() {
    let (environment, site) = (rest().await, site().await);
    let authority = site.origin.strip_prefix("http://").unwrap();
    for (slashes, name) in [("//", "two"), ("/", "one")] {
        let path = format!("/{name}/%C3%A4%20b//%26?x=1&y=a+b&z=%26%20%2B&mode=tab&url=http://c/");
        let response = environment.worker.get_raw(&format!("/http:{slashes}{authority}{path}")).await;
        assert!(response.starts_with("HTTP/1.1 302 "), "{response}");
        let headers = response.lines().filter_map(|line| line.split_once(": "));
        let location = headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
        let (_, link) = location.unwrap_or_else(|| panic!("{response}"));
        expect_tab(link, site, &path).await;
    }
}

#[tokio::test]
async fn the_workers_binding_needs_no_token_and_opens_the_same_url() {
    let (environment, site) = (binding().await, site().await);
    let link = environment.worker.open(&format!("{}/binding/ä?x=a%20b+c&y=%26", site.origin)).await;
    expect_tab(&link, site, "/binding/%C3%A4?x=a%20b+c&y=%26").await;
}

#[tokio::test]
async fn the_link_is_passed_on_byte_for_byte_and_nobody_may_keep_the_answer() {
    const LINK: &str =
        "https://live.browser.run/ui/view?wss=live.browser.run/api/devtools/browser/s/page/T?jwt=e.%41-_";
    let upstream = scripted().await;
    upstream.acquires().await;
    upstream.answer(&format!("PUT /browser/{SESSION}/json/new"), target(LINK)).await;
    let answer = upstream.click(&[]).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    let headers = answer.headers();
    for (name, value) in [
        ("location", LINK),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    let timing = headers["server-timing"].to_str().unwrap();
    let steps: Vec<_> = timing.split(", ").map(|entry| entry.split_once(";dur=").unwrap()).collect();
    assert_eq!(steps.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["acquire", "open_tab"]);
    assert!(steps.iter().all(|(_, milliseconds)| milliseconds.parse::<f64>().is_ok()), "{timing}");
    let body = answer.text().await.unwrap();
    assert!(body.contains(&format!("href=\"{LINK}\"")), "{body}");
}
