//! The DevTools front end behind a link, seen in a second Chromium.

use cdp_client::Cdp;
use reqwest::{StatusCode, header};

use crate::{
    env::{Env, LONG, site, text},
    viewer::{Viewer, open},
};

#[tokio::test]
async fn the_front_end_works_with_the_live_picture_beside_its_panels() {
    let (env, site) = (Env::lent().await, site().await);
    let page = open(&env, &env.acquire(LONG).await, &site).await;
    // The front end's content security policy lists 127.0.0.1 by name; people type this.
    let link = text(&page["devtoolsFrontendUrl"]).replace("//127.0.0.1", "//localhost");
    let mut viewer = Viewer::at(&link).await;

    viewer.shows("Hello from the small site").await;
    viewer.shows_a_picture().await;
    viewer.keep_a_screenshot("elements.png").await;
    let mut page = Cdp::link(&page["webSocketDebuggerUrl"]).await.unwrap();
    viewer.turn_to("console").await;
    page.evaluate("console.log('said by the ' + 'page')").await;
    viewer.shows("said by the page").await;
    viewer.turn_to("network").await;
    page.evaluate("fetch('/fetched-by-the-page')").await;
    viewer.shows("fetched-by-the-page").await;
    viewer.turn_to("sources").await;
    viewer.shows(site.strip_prefix("http://").unwrap()).await;
    viewer.keep_a_screenshot("sources.png").await;
}

#[tokio::test]
async fn front_end_files_are_kept_by_browsers_and_outlive_their_session() {
    let env = Env::start().await;
    let session = env.acquire("").await;
    let version = env.ok("GET", &format!("/browser/{session}/json/version")).await;
    let version = text(&version["Browser"]).rsplit_once('/').unwrap().1.to_owned();
    let script = format!("/ui/{version}/entrypoints/inspector/inspector.js");
    let first = env.request_at("GET", &script).send().await.unwrap();
    assert_eq!(first.headers()[header::CONTENT_TYPE], "text/javascript");
    assert!(first.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    let tag = first.headers()[header::ETAG].clone();
    let bytes = first.bytes().await.unwrap();

    env.ok("DELETE", &format!("/browser/{session}")).await;
    let again = env.request_at("GET", &script).header(header::IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(env.request_at("GET", &script).send().await.unwrap().bytes().await.unwrap(), bytes);
    for missing in ["application_tokens.css".to_owned(), "..%2fjson%2fversion".to_owned()] {
        let response = env.request_at("GET", &format!("/ui/{version}/{missing}")).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{missing}");
    }
}
