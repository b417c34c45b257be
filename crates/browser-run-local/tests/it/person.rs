//! A person at a live view: what they do to a page with mouse, keys and fingers.

use axum::{Router, response::Html, routing::get};
use cdp_client::Cdp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    env::{Env, LONG, answer, text},
    viewer::{Viewer, loaded, open},
};

/// A key as Chromium counts it.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    pub(crate) key: &'static str,
    pub(crate) code: &'static str,
    pub(crate) number: u32,
    pub(crate) text: Option<&'static str>,
}

const fn key(key: &'static str, number: u32, text: Option<&'static str>) -> Key {
    Key { key, code: key, number, text }
}

pub(crate) const ENTER: Key = key("Enter", 13, Some("\r"));
pub(crate) const ESCAPE: Key = key("Escape", 27, None);
pub(crate) const HOME: Key = key("Home", 36, None);
pub(crate) const DOWN: Key = key("ArrowDown", 40, None);
pub(crate) const INSERT: Key = key("Insert", 45, None);
pub(crate) const F5: Key = key("F5", 116, None);

pub(crate) const CONTROL: u8 = 2;
pub(crate) const SHIFT: u8 = 8;

/// A page, somebody who looks at it in a second browser, and the page's own CDP connection.
pub(crate) struct Person {
    pub(crate) env: Env,
    pub(crate) session: String,
    pub(crate) tab: Value,
    pub(crate) page: Cdp,
    pub(crate) view: Viewer,
}

impl Person {
    /// Controls a page with this HTML, in this mode.
    pub(crate) async fn at(html: &str, mode: &str) -> Self {
        Self::on(Env::lent().await, &serve(html).await, json!({"mode": mode})).await
    }

    /// Looks at a URL, as `POST …/live_view` is told.
    pub(crate) async fn on(env: Env, url: &str, wanted: Value) -> Self {
        let session = env.acquire(LONG).await;
        let tab = open(&env, &session, url).await;
        let page = loaded(&tab).await;
        let view = Viewer::at(&link(&env, &session, &tab, wanted).await).await;
        let mut person = Self { env, session, tab, page, view };
        person.view.is_there().await;
        person
    }

    /// Somebody else who looks at the same tab, in front of the first view.
    pub(crate) async fn joined_by(&self, wanted: Value) -> Viewer {
        self.looking_at(&self.tab, wanted).await
    }

    /// Somebody else who looks at a tab of the same session, in front of the first view.
    pub(crate) async fn looking_at(&self, tab: &Value, wanted: Value) -> Viewer {
        self.view.joined_at(&link(&self.env, &self.session, tab, wanted).await).await
    }

    /// Where an element of the page is on the viewer's screen, or a point of it, in parts of its size.
    pub(crate) async fn point_of(&mut self, selector: &str, x: f64, y: f64) -> (f64, f64) {
        let part = format!(
            "(() => {{
                const box = document.querySelector('{selector}').getBoundingClientRect();
                return [(box.left + {x} * box.width) / innerWidth, (box.top + {y} * box.height) / innerHeight];
            }})()"
        );
        let part = self.page.evaluate(&part).await;
        self.view.point_at(part[0].as_f64().unwrap(), part[1].as_f64().unwrap()).await
    }

    /// Clicks in the middle of an element of the page.
    pub(crate) async fn clicks(&mut self, selector: &str) {
        let (x, y) = self.point_of(selector, 0.5, 0.5).await;
        self.view.clicks(x, y).await;
    }

    /// Waits until an expression has this value in the page.
    pub(crate) async fn page_has(&mut self, expression: &str, value: Value) {
        self.page.until(expression, &value).await;
    }
}

impl Viewer {
    /// Waits for the first picture.
    pub(crate) async fn is_there(&mut self) {
        self.waits_for("document.getElementById('notice')?.hidden").await;
    }

    /// A point of the picture, in parts of its size, as a point of the viewer's page.
    pub(crate) async fn point_at(&mut self, x: f64, y: f64) -> (f64, f64) {
        let point = format!(
            "(() => {{
                const box = document.querySelector('canvas').getBoundingClientRect();
                return [box.left + {x} * box.width, box.top + {y} * box.height];
            }})()"
        );
        let point = self.0.evaluate(&point).await;
        (point[0].as_f64().unwrap(), point[1].as_f64().unwrap())
    }

    /// Presses a key and lets it go.
    pub(crate) async fn presses(&mut self, key: Key, modifiers: u8) {
        let Key { key, code, number, text } = key;
        let event = json!({"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers});
        for kind in [if text.is_some() { "keyDown" } else { "rawKeyDown" }, "keyUp"] {
            let mut event = event.clone();
            event["type"] = kind.into();
            if kind == "keyDown" {
                event["text"] = text.into();
            }
            self.0.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Clicks in the middle of an element of the viewer's own page.
    pub(crate) async fn clicks_own(&mut self, selector: &str) {
        self.0.click(selector).await;
    }

    /// Moves the mouse to a point of the viewer's page.
    pub(crate) async fn points_at(&mut self, x: f64, y: f64) {
        self.0.call("Input.dispatchMouseEvent", json!({"type": "mouseMoved", "x": x, "y": y})).await;
    }

    /// Puts fingers on the screen, moves them, or takes all of them away.
    pub(crate) async fn touches(&mut self, kind: &str, fingers: &[(f64, f64)]) {
        let points = fingers.iter().enumerate().map(|(id, (x, y))| json!({"x": x, "y": y, "id": id}));
        let event = json!({"type": kind, "touchPoints": points.collect::<Vec<_>>()});
        self.0.call("Input.dispatchTouchEvent", event).await;
    }
}

/// The link that a person opens.
async fn link(env: &Env, session: &str, tab: &Value, mut wanted: Value) -> String {
    wanted["targetId"] = tab["id"].clone();
    let (status, view) = answer(env.request("POST", &format!("/browser/{session}/live_view")).json(&wanted)).await;
    assert_eq!(status, 200, "{view}");
    text(&view["devtoolsFrontendUrl"])
}

/// A site whose every path is this page.
pub(crate) async fn serve(html: &str) -> String {
    let html = format!("<!doctype html><meta charset=utf-8>{html}");
    serve_site(Router::new().fallback(get(async move || Html(html)))).await
}

/// A site, as long as the test.
pub(crate) async fn serve_site(site: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, site).await });
    url
}
