//! The DevTools front end behind a link, seen in a second Chromium.

use std::{fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{StatusCode, header};
use serde_json::json;
use url::form_urlencoded;

use crate::env::{Cdp, Env, site, text, until};

/// All nodes of the front end's document, through its shadow roots.
const NODES: &str = "(function nodes(node) {
    return [node, ...[...(node.shadowRoot ? [node.shadowRoot] : []), ...node.childNodes].flatMap(nodes)];
})(document.documentElement)";

/// A front end in a tab of its own.
struct Viewer(Cdp);

impl Viewer {
    async fn shows(&mut self, text: &str) {
        let shown = format!("{NODES}.map(node => node.data ?? '').join('').includes({})", json!(text));
        until(text, async || (self.0.evaluate(&shown).await == true).then_some(())).await;
    }

    /// Turns to a panel, as a click on its tab would.
    async fn turn_to(&mut self, panel: &str) {
        let turn = format!(
            "import(new URL('ui/legacy/legacy.js', location.href))
                .then(ui => ui.ViewManager.ViewManager.instance().showView('{panel}')).then(() => true)"
        );
        let turned = self.0.call("Runtime.evaluate", json!({"expression": turn, "awaitPromise": true})).await;
        assert_eq!(turned["result"]["value"], true, "{panel}: {turned}");
    }

    /// Waits for a picture of a page with some black on it.
    async fn shows_a_picture(&mut self) {
        let black = format!(
            "{NODES}.filter(node => node.tagName == 'CANVAS' && node.width * node.height > 10000).some(canvas => {{
                const {{data}} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                return data.some((_, i) => i % 4 == 3 && data[i] && data[i - 1] + data[i - 2] + data[i - 3] < 30);
            }})"
        );
        until("the live picture", async || (self.0.evaluate(&black).await == true).then_some(())).await;
    }

    async fn keep_a_screenshot(&mut self, name: &str) {
        let shot = self.0.call("Page.captureScreenshot", json!({"format": "png"})).await;
        let png = BASE64_STANDARD.decode(text(&shot["data"])).unwrap();
        fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), png).unwrap();
    }
}

async fn open(env: &Env, session: &str, url: &str) -> serde_json::Value {
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("url", url).finish();
    env.ok("PUT", &format!("/browser/{session}/json/new?{query}")).await
}

#[tokio::test]
async fn the_front_end_works_with_the_live_picture_beside_its_panels() {
    let (env, site) = (Env::start().await, site().await);
    let (seen, seeing) = (env.acquire("").await, env.acquire("").await);
    let page = open(&env, &seen, &site).await;
    // The front end's content security policy lists 127.0.0.1 by name; people type this.
    let link = text(&page["devtoolsFrontendUrl"]).replace("//127.0.0.1", "//localhost");
    let viewer = open(&env, &seeing, &link).await;
    let mut viewer = Viewer(Cdp::link(&viewer["webSocketDebuggerUrl"]).await.unwrap());
    let size = json!({"width": 1400, "height": 900, "deviceScaleFactor": 1, "mobile": false});
    viewer.0.call("Emulation.setDeviceMetricsOverride", size).await;

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
async fn files_of_the_front_end_are_kept_by_browsers_and_outlive_their_session() {
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
