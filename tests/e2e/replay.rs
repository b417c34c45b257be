//! What was recorded, played at its permalink in a real browser: and nothing that the page holds runs, or calls anybody.

use std::sync::{Arc, Mutex};

use cdp_client::Cdp;
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
};
use wiremock::ResponseTemplate;

use crate::{
    environment::{rest, scripted},
    people::answer,
    recorded::{events, har, recording},
    recordings::{closes, gives_a_browser},
    scripted::{SESSION, Scripted, TARGET, ok},
    until::until,
};

const OTHER_TAB: &str = "0123456789ABCDEF0123456789ABCDEF";
/// Goes to the end of what is played, as a person does.
pub(crate) const TO_THE_END: &str = "(() => {
    const bar = document.querySelector('.rr-progress');
    const { right, top } = bar.getBoundingClientRect();
    bar.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: right + 1, clientY: top }));
})()";
/// The text of the page that is played.
const PLAYED: &str = "document.querySelector('#replay iframe')?.contentDocument?.querySelector('#end')?.textContent";

/// Has a browser that is recorded end; answers its permalink.
async fn ended(scripted: &Scripted) -> String {
    gives_a_browser(scripted).await;
    let opened = answer(scripted.click(&[("recording", "")])).await.opened(302);
    closes(scripted, SESSION).await;
    opened.permalink
}

/// A person with a browser of their own, at a path of the Worker's.
async fn at(scripted: &Scripted, path: &str) -> Cdp {
    let (_, link) = rest().await.browser_run.open(&format!("{}{path}", scripted.worker().origin)).await;
    Cdp::behind(&link).await.unwrap()
}

#[tokio::test]
async fn a_permalink_plays_each_tab_and_lists_what_it_asked_for() {
    let scripted = scripted().await;
    let permalink = ended(&scripted).await;
    let tab = |page: &str, end: &str| events(&format!("https://e.com/{page}"), json!([]), json!([]), &[], end);
    let both =
        recording(&[(OTHER_TAB, tab("other", "the other's end")), (TARGET, tab("linked", "the linked one's end"))]);
    scripted.answer(&format!("/recording/{SESSION}"), ResponseTemplate::new(404)).await;
    scripted.always(&format!("/recording/{SESSION}"), ok(both)).await;
    scripted.always(&format!("/recording/{SESSION}/network"), ok(har("https://e.com/asked-for", &[]))).await;

    let mut visitor = at(&scripted, &permalink).await;
    visitor.until("document.querySelector('h1').textContent", &json!("This browser has ended")).await;
    // It was not ready at first, and came by itself.
    visitor.until(PLAYED, &json!("the beginning")).await;
    visitor.evaluate(TO_THE_END).await;
    visitor.until(PLAYED, &json!("the linked one's end")).await;
    visitor.until("document.querySelectorAll('#replay .tabs button').length", &json!(2)).await;
    let pressed = "document.querySelector('#replay [aria-pressed=true]').textContent";
    assert_eq!(visitor.evaluate(pressed).await, "https://e.com/linked");

    let listed = "document.querySelector('.network tbody')?.textContent";
    visitor.until(listed, &json!("GET200https://e.com/asked-fortext/html3 B13 ms")).await;
    let search = |words: &str| {
        format!(
            "(() => {{ const field = document.querySelector('.network input'); field.value = '{words}'; \
             field.dispatchEvent(new Event('input')); }})()"
        )
    };
    visitor.evaluate(&search("nothing like it")).await;
    assert_eq!(visitor.evaluate(listed).await, "");
    visitor.evaluate(&search("asked GET")).await;
    assert_ne!(visitor.evaluate(listed).await, "");
    let download = visitor.evaluate("document.querySelector('.network a').getAttribute('href')").await;
    assert_eq!(download, format!("/api/sessions/{SESSION}/tabs/{TARGET}/har"));

    visitor.click(&format!("[data-tab=\"{OTHER_TAB}\"]")).await;
    visitor.until(PLAYED, &json!("the beginning")).await;
    visitor.evaluate(TO_THE_END).await;
    visitor.until(PLAYED, &json!("the other's end")).await;
    // Its page asks for nothing more: the upstream is another test's now.
    visitor.until(listed, &json!("GET200https://e.com/asked-fortext/html3 B13 ms")).await;
    assert_eq!(visitor.evaluate("[...document.forms].length").await, 1, "who opened it can open it again");
}

#[tokio::test]
async fn what_is_played_is_gone_through_by_the_keyboard_by_controls_that_can_be_seen() {
    let scripted = scripted().await;
    let permalink = ended(&scripted).await;
    let page = events("https://e.com/", json!([]), json!([]), &[], "the end");
    scripted.always(&format!("/recording/{SESSION}"), ok(recording(&[(TARGET, page)]))).await;
    scripted.always(&format!("/recording/{SESSION}/network"), ok(har("https://e.com/", &[]))).await;
    let mut visitor = at(&scripted, &permalink).await;
    visitor.until(PLAYED, &json!("the beginning")).await;

    visitor.evaluate("document.querySelector('[role=slider]').focus()").await;
    press(&mut visitor, "End").await;
    visitor.until(PLAYED, &json!("the end")).await;
    let at = "document.querySelector('[role=slider]').ariaValueNow";
    visitor.until(at, &json!("2")).await;
    press(&mut visitor, "ArrowLeft").await;
    visitor.until(at, &json!("1")).await;
    visitor.until(PLAYED, &json!("the beginning")).await;

    let speeds = "[...document.querySelectorAll('.rr-controller button:not(.active)')].map(button => \
                  getComputedStyle(button).color).filter(color => color !== 'rgb(17, 17, 17)')";
    assert_eq!(visitor.evaluate(speeds).await, json!([]), "they stand on white");
    visitor.until("document.querySelector('.network tbody')?.rows.length", &json!(1)).await;
    // Of our own pictures none but the page's icon.
    let load = |name: &str| format!("(window.picture = Object.assign(new Image(), {{ src: '/static/{name}' }}), 0)");
    for (name, is_loaded) in [("icon.svg", true), ("card.png", false)] {
        visitor.evaluate(&load(name)).await;
        visitor.until("picture.complete ? picture.naturalWidth > 0 : 'loading'", &json!(is_loaded)).await;
    }
}

async fn press(visitor: &mut Cdp, key: &str) {
    for kind in ["keyDown", "keyUp"] {
        visitor.call("Input.dispatchKeyEvent", json!({ "type": kind, "key": key })).await;
    }
}

/// A place that nobody is to call: it notes who connects, and what they say.
struct Trap {
    origin: String,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Trap {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&calls);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let index = noted.lock().unwrap().len();
                noted.lock().unwrap().push("silence".to_owned());
                tokio::spawn(note(connection, Arc::clone(&noted), index));
            }
        });
        Self { origin, calls }
    }

    async fn is_called(&self) {
        until("the trap is called", async || if self.calls().is_empty() { Err("nobody".to_owned()) } else { Ok(()) })
            .await;
    }

    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

/// Notes what a connection says first.
async fn note(mut connection: TcpStream, calls: Arc<Mutex<Vec<String>>>, index: usize) {
    let mut said = [0; 1_024];
    let length = connection.read(&mut said).await.unwrap_or(0);
    let line = String::from_utf8_lossy(&said[..length]).lines().next().unwrap_or_default().to_owned();
    calls.lock().unwrap()[index] = line;
}

/// Everything that a page can hold which runs something, or loads something from the trap: elements, by name and attributes.
fn hostile(trap: &str, kind: &str) -> Vec<(&'static str, Value, Option<String>)> {
    let run = format!("top.ran = '{kind}'; parent.ran = '{kind}'; new Image().src = '{trap}/{kind}/ran'");
    let at = |what: &str| format!("{trap}/{kind}/{what}");
    let svg = |what: &str| format!("{trap}/{kind}/{what}#a");
    vec![
        ("script", json!({}), Some(run.clone())),
        ("script", json!({ "src": at("script") }), None),
        ("script", json!({ "type": "module", "src": at("module") }), None),
        ("img", json!({ "src": at("img"), "onerror": run, "onload": run }), None),
        ("img", json!({ "src": "data:,", "srcset": at("srcset"), "onerror": run }), None),
        ("img", json!({ "src": "data:,", "onerror": run }), None),
        ("iframe", json!({ "src": at("iframe") }), None),
        ("iframe", json!({ "rr_src": at("rr-iframe") }), None),
        ("iframe", json!({ "src": format!("javascript:{run}") }), None),
        ("iframe", json!({ "srcdoc": format!("<script>{run}</script><img src='{}'>", at("srcdoc")) }), None),
        ("object", json!({ "data": at("object") }), None),
        ("embed", json!({ "src": at("embed") }), None),
        ("video", json!({ "src": at("video"), "poster": at("poster"), "autoplay": "", "muted": "" }), None),
        ("audio", json!({ "src": at("audio"), "autoplay": "", "onerror": run }), None),
        ("input", json!({ "type": "image", "src": at("input"), "autofocus": "", "onfocus": run }), None),
        (
            "a",
            json!({ "href": format!("javascript:{run}"), "ping": at("ping"), "class": "pressed" }),
            Some("press".to_owned()),
        ),
        ("details", json!({ "open": "", "ontoggle": run }), None),
        (
            "div",
            json!({ "style": format!("width: 9px; height: 9px; background: url({})", at("style-attribute")) }),
            None,
        ),
        (
            "style",
            json!({}),
            Some(format!(
                "@import url({}); @font-face {{ font-family: f; src: url({}) }} \
             body {{ font-family: f; background: url({}); list-style: url({}) }} \
             body::after {{ content: url({}) }} p {{ cursor: url({}), auto; filter: url({}); mask: url({}) }}",
                at("import"),
                at("font"),
                at("background"),
                at("list"),
                at("content"),
                at("cursor"),
                svg("filter"),
                svg("mask"),
            )),
        ),
        ("link", json!({ "rel": "stylesheet", "href": at("stylesheet") }), None),
        ("link", json!({ "rel": "preconnect", "href": at("preconnect") }), None),
        ("link", json!({ "rel": "dns-prefetch", "href": at("dns") }), None),
        ("link", json!({ "rel": "prefetch", "href": at("prefetch") }), None),
        ("link", json!({ "rel": "preload", "as": "image", "href": at("preload") }), None),
        ("link", json!({ "rel": "modulepreload", "href": at("modulepreload") }), None),
        ("link", json!({ "rel": "prerender", "href": at("prerender") }), None),
        ("link", json!({ "rel": "icon", "href": at("icon") }), None),
        ("link", json!({ "rel": "manifest", "href": at("manifest") }), None),
        ("meta", json!({ "http-equiv": "refresh", "content": format!("0;url={}", at("refresh")) }), None),
        ("base", json!({ "href": at("base"), "target": "_top" }), None),
        ("form", json!({ "action": at("form"), "class": "sent" }), None),
    ]
}

fn node(id: u32, (name, attributes, text): &(&str, Value, Option<String>)) -> Value {
    let text =
        text.iter().map(|text| json!({ "type": 3, "id": id + 1, "textContent": text, "isStyle": *name == "style" }));
    json!({ "type": 2, "id": id, "tagName": name, "attributes": attributes, "childNodes": text.collect::<Vec<_>>() })
}

fn nodes(from: u32, elements: &[(&'static str, Value, Option<String>)]) -> Value {
    (from..).step_by(2).zip(elements).map(|(id, element)| node(id, element)).collect()
}

/// An SVG picture with what can be in one.
fn svg(trap: &str) -> Value {
    let of = |id: u32, name: &str, attributes: Value| json!({ "type": 2, "id": id, "tagName": name, "isSVG": true, "attributes": attributes, "childNodes": [] });
    let run = "top.ran = 'svg'";
    let mut svg = of(700, "svg", json!({ "onload": run }));
    svg["childNodes"] = json!([
        { "type": 2, "id": 701, "tagName": "script", "isSVG": true, "attributes": {}, "childNodes": [
            { "type": 3, "id": 702, "textContent": run }] },
        of(703, "image", json!({ "href": format!("{trap}/svg/image"), "width": "9", "height": "9" })),
        of(704, "use", json!({ "href": format!("{trap}/svg/use#a") })),
        of(705, "animate", json!({ "onbegin": run, "attributeName": "x", "dur": "1s" })),
        of(706, "a", json!({ "href": format!("javascript:{run}") })),
    ]);
    svg
}

#[tokio::test]
async fn a_hostile_page_runs_nothing_and_calls_nobody_when_it_is_played() {
    let (scripted, trap) = (scripted().await, Trap::start().await);
    let permalink = ended(&scripted).await;
    let added = hostile(&trap.origin, "added");
    let adds = (400_u32..).step_by(2).zip(&added).flat_map(|(id, element)| {
        let mut node = node(id, element);
        let child = node["childNodes"].take();
        node["childNodes"] = json!([]);
        let of = |parent: u32, node: &Value| json!({ "parentId": parent, "nextId": null, "node": node });
        [Some(of(4, &node)), child.get(0).map(|child| of(id, child))]
    });
    let adds: Vec<_> = adds.flatten().collect();
    let origin = &trap.origin;
    let then = [
        json!({ "source": 0, "adds": adds, "removes": [], "texts": [], "attributes": [
            { "id": 899, "attributes": { "onclick": "top.ran = 'attribute'", "style": { "background": format!("url({origin}/mutated)") } } },
            { "id": 138, "attributes": { "rel": "preconnect", "href": format!("{origin}/mutated-link") } },
            { "id": 112, "attributes": { "src": format!("{origin}/mutated-frame") } },
        ]}),
        json!({ "source": 8, "id": 136, "adds": [{ "rule": format!("p {{ background: url({origin}/rule) }}"), "index": 0 }] }),
        json!({ "source": 13, "id": 136, "index": [0], "set": { "property": "background", "value": format!("url({origin}/declared)") } }),
        json!({ "source": 10, "family": "g", "fontSource": format!("url({origin}/font-face)"), "buffer": false }),
        json!({ "source": 15, "id": 1, "styleIds": [1], "styles": [{ "styleId": 1, "rules": [
            { "rule": format!("p {{ background: url({origin}/adopted) }}"), "index": 0 }] }] }),
        json!({ "source": 7, "type": 0, "id": 124, "currentTime": 0 }),
    ];
    let mut body = nodes(100, &hostile(&trap.origin, "body"));
    body.as_array_mut().unwrap().push(svg(&trap.origin));
    let page = events("javascript:top.ran='href'", nodes(200, &hostile(&trap.origin, "head")), body, &then, "the end");
    scripted.always(&format!("/recording/{SESSION}"), ok(recording(&[(TARGET, page)]))).await;
    let url = format!("javascript:top.ran='network'//<img src={origin}/network>");
    scripted.always(&format!("/recording/{SESSION}/network"), ok(har(&url, &[]))).await;

    let mut visitor = at(&scripted, &permalink).await;
    visitor.until(PLAYED, &json!("the beginning")).await;
    visitor.evaluate(TO_THE_END).await;
    visitor.until(PLAYED, &json!("the end")).await;
    // What was added stands there: it was not left out for being odd.
    let inside = "document.querySelector('#replay iframe').contentDocument";
    visitor.until(&format!("{inside}.querySelectorAll('.pressed').length"), &json!(3)).await;
    visitor.evaluate(&format!("{inside}.querySelectorAll('a').forEach((link) => link.dispatchEvent(new MouseEvent('click', {{ cancelable: true }})))")).await;
    visitor.evaluate(&format!("{inside}.querySelectorAll('form').forEach((form) => form.requestSubmit())")).await;
    visitor.evaluate(&format!("{inside}.querySelectorAll('[onclick]').forEach((one) => one.click())")).await;
    visitor.until("document.querySelector('.network tbody')?.rows.length", &json!(1)).await;
    visitor.evaluate(&format!("{inside}.fonts.ready.then(() => 1)")).await;
    assert_eq!(
        visitor.evaluate("[typeof ran, top === window, location.pathname]").await,
        json!(["undefined", true, permalink])
    );
    assert_eq!(visitor.evaluate(PLAYED).await, "the end");
    assert_eq!(trap.calls(), [""; 0], "nobody is called");
    drop(TcpStream::connect(trap.origin.strip_prefix("http://").unwrap()).await.unwrap());
    trap.is_called().await;
}

#[tokio::test]
async fn the_trap_is_called_by_a_page_that_nothing_stops() {
    let trap = Trap::start().await;
    let (_, link) = rest().await.browser_run.open("about:blank").await;
    let mut visitor = Cdp::behind(&link).await.unwrap();
    visitor.evaluate(&format!("document.body.innerHTML = '<img src={}>'", trap.origin)).await;
    trap.is_called().await;
}
