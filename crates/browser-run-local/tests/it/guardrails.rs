//! Guardrails, as pages behind them meet them. `localhost` is allowed, `127.0.0.1` is the world outside.

use axum::{
    Router,
    extract::ws::WebSocketUpgrade,
    http::header,
    response::{Html, Redirect},
    routing::get,
};
use cdp_client::Cdp;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::env::{Env, answer, message, text, until};

/// A site that answers everybody, and says to which host it did.
struct Site {
    port: u16,
}

impl Site {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cors = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (header::ACCESS_CONTROL_EXPOSE_HEADERS, "*")];
        let site = Router::new()
            .route(
                "/socket",
                get(async |upgrade: WebSocketUpgrade| {
                    upgrade.on_upgrade(async |mut socket| {
                        socket.send("hello".into()).await.unwrap();
                    })
                }),
            )
            .route("/away", get(async move || Redirect::temporary(&format!("http://127.0.0.1:{port}/redirected"))))
            .fallback(get(async move || (cors, Html("<title>Reached</title><h1>Reached</h1>"))));
        tokio::spawn(async { axum::serve(listener, site).await });
        Self { port }
    }

    fn inside(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    fn outside(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

async fn acquire(env: &Env, guardrails: Value) -> String {
    let (status, acquired) = answer(env.request("POST", "/browser").json(&json!({"guardrails": guardrails}))).await;
    assert_eq!(status, StatusCode::OK, "{acquired}");
    text(&acquired["sessionId"])
}

/// The session's first page, sent to a URL.
async fn page_on(env: &Env, session: &str, url: &str) -> Cdp {
    let mut page = Cdp::link(&env.page(session).await["webSocketDebuggerUrl"]).await.unwrap();
    page.call("Page.navigate", json!({"url": url})).await;
    until("the page is there", async || {
        let there = "document.readyState == 'complete' && location.href != 'about:blank'";
        (page.evaluate(there).await == true).then_some(())
    })
    .await;
    page
}

/// The value of a promise in the page.
async fn awaited(page: &mut Cdp, expression: &str) -> Value {
    let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
    page.call("Runtime.evaluate", params).await["result"]["value"].take()
}

#[tokio::test]
async fn a_page_reaches_what_is_allowed_and_nothing_else() {
    let (env, site) = (Env::start().await, Site::start().await);
    let session = acquire(&env, json!({"allowedDomains": ["localhost"]})).await;
    let mut page = page_on(&env, &session, &site.inside("/")).await;
    assert_eq!(page.evaluate("document.title").await, "Reached");

    let fetched = |url: String| format!("fetch({url:?}).then(r => String(r.status), () => 'failed')");
    assert_eq!(awaited(&mut page, &fetched(site.inside("/x"))).await, "200");
    let blocked = format!("fetch({:?}, {{mode: 'no-cors'}}).then(r => r.type, () => 'failed')", site.outside("/x"));
    assert_eq!(awaited(&mut page, &blocked).await, "opaque", "it is answered, by the guardrails");
    let socket = |url: String| {
        let url = url.replace("http:", "ws:");
        format!(
            "new Promise(done => {{
            const socket = new WebSocket({url:?});
            socket.onmessage = event => done(event.data);
            socket.onerror = () => done('refused');
        }})"
        )
    };
    assert_eq!(awaited(&mut page, &socket(site.inside("/socket"))).await, "hello");
    assert_eq!(awaited(&mut page, &socket(site.outside("/socket"))).await, "refused");
    let image = format!(
        "new Promise(done => {{
        const image = new Image();
        image.onload = () => done('shown');
        image.onerror = () => done('blocked');
        image.src = {:?};
    }})",
        site.outside("/image")
    );
    assert_eq!(awaited(&mut page, &image).await, "blocked");
}

#[tokio::test]
async fn a_page_outside_is_answered_403_and_a_redirect_out_leads_nowhere() {
    let (env, site) = (Env::start().await, Site::start().await);
    let session = acquire(&env, json!({"allowedDomains": ["localhost"]})).await;
    for url in [site.outside("/page"), site.inside("/away")] {
        let mut page = page_on(&env, &session, &url).await;
        let shown = page.evaluate("document.body.innerText").await;
        assert!(text(&shown).contains("guardrails"), "{url}: {shown}");
        let again = "fetch('/again').then(r => [r.status, r.headers.get('cf-mitigated'),
            r.headers.get('cf-brapi-guardrails-reason')])";
        assert_eq!(awaited(&mut page, again).await, json!([403, "guardrails", "not-in-allowlist"]), "{url}");
    }
}

#[tokio::test]
async fn an_empty_list_lets_nothing_through_and_every_tab_is_bound() {
    let (env, site) = (Env::start().await, Site::start().await);
    let session = acquire(&env, json!({"allowedDomains": []})).await;
    let page = page_on(&env, &session, &site.inside("/")).await;
    drop(page);
    let url: String = url::form_urlencoded::byte_serialize(site.inside("/new").as_bytes()).collect();
    let target = env.ok("PUT", &format!("/browser/{session}/json/new?url={url}")).await;
    let mut page = Cdp::link(&target["webSocketDebuggerUrl"]).await.unwrap();
    until("the tab is refused, too", async || {
        let shown = page.evaluate("document.body ? document.body.innerText : ''").await;
        shown.as_str().is_some_and(|shown| shown.contains("guardrails")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_sessions_owner_cannot_get_around_them_either() {
    let (env, site) = (Env::start().await, Site::start().await);
    let session = acquire(&env, json!({"allowedDomains": ["localhost"]})).await;
    let mut browser = env.cdp(&format!("/browser/{session}")).await;
    for (method, params) in [
        ("Target.createBrowserContext", json!({"proxyServer": "direct://"})),
        ("Target.createTarget", json!({"url": "file:///etc/hostname"})),
    ] {
        let error = browser.refused(method, params).await;
        assert!(text(&error["message"]).contains("guardrails"), "{error}");
    }
    let (status, body) = env.call("PUT", &format!("/browser/{session}/json/new?url=file:///etc/hostname")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(message(&body).contains("guardrails"), "{body}");

    // A context of the browser's own, with everything that CDP offers.
    let context = browser.call("Target.createBrowserContext", json!({})).await["browserContextId"].take();
    let params = json!({"url": site.outside("/"), "browserContextId": context});
    let target = text(&browser.call("Target.createTarget", params).await["targetId"]);
    let mut page = env.cdp(&format!("/browser/{session}/page/{target}")).await;
    until("it is refused", async || {
        let shown = page.evaluate("document.body ? document.body.innerText : ''").await;
        shown.as_str().is_some_and(|shown| shown.contains("guardrails")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn names_are_not_looked_up_by_the_browser() {
    let env = Env::start().await;
    let session = acquire(&env, json!({"allowedDomains": ["localhost"]})).await;
    let mut page = Cdp::link(&env.page(&session).await["webSocketDebuggerUrl"]).await.unwrap();
    page.call("Page.navigate", json!({"url": "http://name-outside.example/"})).await;
    until("the proxy answers", async || {
        let shown = page.evaluate("document.body ? document.body.innerText : ''").await;
        shown.as_str().is_some_and(|shown| shown.contains("guardrails")).then_some(())
    })
    .await;
    let candidates = "new Promise(done => {
        const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:1'}]});
        const seen = [];
        peer.onicecandidate = event => event.candidate ? seen.push(event.candidate.candidate) : done(seen);
        peer.createDataChannel('x');
        peer.createOffer().then(offer => peer.setLocalDescription(offer));
    })";
    let seen = awaited(&mut page, candidates).await;
    let udp = seen.as_array().unwrap().iter().filter(|candidate| candidate.as_str().unwrap().contains(" udp "));
    assert_eq!(udp.count(), 0, "{seen}");
}
