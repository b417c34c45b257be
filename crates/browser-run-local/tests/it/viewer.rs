//! Somebody who looks at a link in a second Chromium, which goes from test to test.

use std::{fs, path::Path, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use cdp_client::Cdp;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::env::{DEADLINE, Env, LONG, text, until};

/// All nodes of the front end's document, through its shadow roots.
const NODES: &str = "(function nodes(node) {
    return [node, ...[...(node.shadowRoot ? [node.shadowRoot] : []), ...node.childNodes].flatMap(nodes)];
})(document.documentElement)";

/// A browser that nobody else looks with.
struct Screen {
    env: Env,
    session: String,
}

/// A link in a tab of its own.
pub(crate) struct Viewer(pub(crate) Cdp, Arc<Screen>);

impl Viewer {
    /// Opens a link.
    pub(crate) async fn at(link: &str) -> Self {
        let env = Env::lent().await;
        let session = env.acquire(LONG).await;
        Self::on(Screen { env, session }.into(), link).await
    }

    /// Opens another link in front of this one.
    pub(crate) async fn joined_at(&self, link: &str) -> Self {
        Self::on(Arc::clone(&self.1), link).await
    }

    async fn on(screen: Arc<Screen>, link: &str) -> Self {
        let tab = open(&screen.env, &screen.session, link).await;
        let mut viewer = Self(Cdp::link(&tab["webSocketDebuggerUrl"]).await.unwrap(), screen);
        let size = json!({"width": 1400, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        viewer.0.call("Emulation.setDeviceMetricsOverride", size).await;
        viewer
    }

    pub(crate) async fn shows(&mut self, text: &str) {
        let shown = format!("{NODES}.map(node => node.data ?? '').join('').includes({})", json!(text));
        until(text, async || (self.0.evaluate(&shown).await == true).then_some(())).await;
    }

    /// Turns to a panel, as a click on its tab would.
    pub(crate) async fn turn_to(&mut self, panel: &str) {
        let turn = format!(
            "import(new URL('ui/legacy/legacy.js', location.href))
                .then(ui => ui.ViewManager.ViewManager.instance().showView('{panel}')).then(() => true)"
        );
        let turned = self.0.call("Runtime.evaluate", json!({"expression": turn, "awaitPromise": true})).await;
        assert_eq!(turned["result"]["value"], true, "{panel}: {turned}");
    }

    /// Waits for a picture of a page with some black on it.
    pub(crate) async fn shows_a_picture(&mut self) {
        let black = format!(
            "{NODES}.filter(node => node.tagName == 'CANVAS' && node.width * node.height > 10000).some(canvas => {{
                const {{data}} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                return data.some((_, i) => i % 4 == 3 && data[i] && data[i - 1] + data[i - 2] + data[i - 3] < 30);
            }})"
        );
        until("the live picture", async || (self.0.evaluate(&black).await == true).then_some(())).await;
    }

    /// Waits until an expression is true in the viewer's page.
    pub(crate) async fn waits_for(&mut self, expression: &str) {
        let mut last = Value::Null;
        let deadline = std::time::Instant::now() + DEADLINE;
        while last != true {
            assert!(std::time::Instant::now() < deadline, "in vain: {expression}; last: {last}");
            last = self.0.evaluate(expression).await;
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Clicks at a point of the viewer's page.
    pub(crate) async fn clicks(&mut self, x: f64, y: f64) {
        for kind in ["mousePressed", "mouseReleased"] {
            let params = json!({"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1});
            self.0.call("Input.dispatchMouseEvent", params).await;
        }
    }

    /// Types into the viewer's page, key by key.
    pub(crate) async fn types(&mut self, text: &str) {
        for key in text.chars() {
            let (name, text) =
                if key == '\r' { ("Enter".to_owned(), "\r".to_owned()) } else { (key.to_string(), key.to_string()) };
            let down = json!({"type": "keyDown", "key": name, "text": text, "windowsVirtualKeyCode": u32::from(key)});
            self.0.call("Input.dispatchKeyEvent", down).await;
            self.0.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": name})).await;
        }
    }

    pub(crate) async fn keep_a_screenshot(&mut self, name: &str) {
        let shot = self.0.call("Page.captureScreenshot", json!({"format": "png"})).await;
        let png = BASE64_STANDARD.decode(text(&shot["data"])).unwrap();
        fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), png).unwrap();
    }
}

/// What an opened tab's page does and has, once it is there.
pub(crate) async fn loaded(tab: &Value) -> Cdp {
    let mut page = Cdp::link(&tab["webSocketDebuggerUrl"]).await.unwrap();
    page.until("document.readyState == 'complete' && location.href != 'about:blank'", &json!(true)).await;
    page
}

/// A new tab on a URL.
pub(crate) async fn open(env: &Env, session: &str, url: &str) -> Value {
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("url", url).finish();
    env.ok("PUT", &format!("/browser/{session}/json/new?{query}")).await
}
