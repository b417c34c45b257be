//! What somebody sees who follows the link: working DevTools, with the page's live picture beside them.

use std::{fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use cdp_client::Cdp;
use serde_json::json;

use crate::{
    browser_run::BrowserRun,
    environment::{rest, site},
    until::until,
};

/// The Elements panel: the lines of its tree, and the declarations in its Styles pane, which are those of the body.
const ELEMENTS: &str = "elements.filter(e => e.matches('li[role=treeitem]'))
    .map(e => e.textContent.replaceAll('\\u200b', '')).join('\\n')";

/// Whether the heading's colour, #0b6e7f, is in the live picture, give or take what compression does to it.
const PICTURE: &str = "elements.filter(e => e.matches('canvas')).some(canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const near = (at, value) => Math.abs(data[at] - value) < 6;
    for (let at = 0; at < data.length; at += 64) {
        if (near(at, 0x0b) && near(at + 1, 0x6e) && near(at + 2, 0x7f)) return true;
    }
    return false;
})";

/// Evaluates an expression over every element of the front end.
async fn ask(front_end: &mut Cdp, expression: &str) -> String {
    let elements = include_str!("fixtures/elements.js");
    front_end.evaluate(&format!("(() => {{ {elements} return String({expression}); }})()")).await.to_string()
}

async fn wait_for(front_end: &mut Cdp, expression: &str, expected: &str) {
    until(&format!("{expected} in {expression}"), async || {
        let text = ask(front_end, expression).await;
        if text.contains(expected) { Ok(()) } else { Err(text) }
    })
    .await;
}

#[tokio::test]
async fn the_link_leads_to_devtools_with_the_pages_dom_and_live_picture() {
    let (environment, site) = (rest().await, site().await);
    let link = environment.worker.open(&format!("{}/otters", site.origin)).await;

    let other = BrowserRun::start("a-token-for-a-second-browser").await;
    let (_, own_link) = other.open("about:blank").await;
    let mut front_end = Cdp::behind(&own_link).await.unwrap();
    let size = json!({ "width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": false });
    front_end.call("Emulation.setDeviceMetricsOverride", size).await;
    front_end.call("Page.navigate", json!({ "url": link })).await;

    wait_for(&mut front_end, ELEMENTS, "<h1>Sea otters hold hands</h1>").await;
    wait_for(&mut front_end, ELEMENTS, "Georgia, serif").await;
    wait_for(&mut front_end, PICTURE, "true").await;
    let screenshot = front_end.call("Page.captureScreenshot", json!({})).await;
    save(screenshot["data"].as_str().unwrap());

    // It is the tab itself that is shown, not what the tab once was.
    let mut tab = Cdp::behind(&link).await.unwrap();
    tab.evaluate("document.querySelector('h1').textContent = 'Now they wave'").await;
    wait_for(&mut front_end, ELEMENTS, "<h1>Now they wave</h1>").await;
}

/// Keeps a picture of it: `target/e2e/devtools.png`.
fn save(base64: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/e2e");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("devtools.png"), BASE64_STANDARD.decode(base64).unwrap()).unwrap();
}
