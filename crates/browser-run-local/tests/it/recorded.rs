//! Sessions that are recorded, what they record, and a site that knows what was asked of it.

use std::{
    convert::Infallible,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, WebSocketUpgrade},
    http::{StatusCode as Status, header},
    response::{Html, IntoResponse as _, Redirect, Response},
    routing::get,
};
use browser_run_local::Config;
use cdp_client::Cdp;
use futures_util::{StreamExt as _, stream};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::{
    clients::npm,
    env::{Env, TOKEN, answer, until},
};

pub(crate) const RECORDINGS: &str = "/client/v4/accounts/acc/browser-run/recording";

/// How a server is told to record.
pub(crate) fn config(folder: &Path) -> Config {
    Config {
        rrweb: Some(npm("@rrweb/record/umd/record.min.js")),
        recordings: Some(folder.to_owned()),
        ..Config::new(TOKEN)
    }
}

/// A server that can record, and the folder that it does so in.
pub(crate) async fn start() -> (Env, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Env::with(config(folder.path())).await, folder)
}

impl Env {
    /// A new session that is recorded: its id, and its first page on this URL.
    pub(crate) async fn record(&self, url: &str) -> (String, Cdp) {
        let session = self.acquire("?recording=true").await;
        let mut page = Cdp::link(&self.page(&session).await["webSocketDebuggerUrl"]).await.unwrap();
        page.call("Page.navigate", json!({"url": url})).await;
        page.until("document.readyState == 'complete' && location.href != 'about:blank'", &json!(true)).await;
        (session, page)
    }

    pub(crate) async fn recording_now(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request_at("GET", &format!("{RECORDINGS}/{path}")).bearer_auth(TOKEN)).await
    }

    /// A session's recording, as soon as it is there.
    pub(crate) async fn recording(&self, session: &str) -> Value {
        until("the recording is there", async || {
            let (status, body) = self.recording_now(session).await;
            (status == StatusCode::OK).then(|| body["result"].clone())
        })
        .await
    }

    /// Ends a session that is old enough to leave a recording, and gives it.
    pub(crate) async fn end_recorded(&self, session: &str) -> Value {
        self.server.advance(Duration::from_secs(2));
        self.ok("DELETE", &format!("/browser/{session}")).await;
        self.recording(session).await
    }

    /// What the only target of a recording has requested.
    pub(crate) async fn requests_of(&self, recording: &Value, format: &str) -> Value {
        let (target, _) = only_target(recording);
        self.requests_of_target(recording, target, format).await
    }

    /// What a target has requested.
    pub(crate) async fn requests_of_target(&self, recording: &Value, target: &str, format: &str) -> Value {
        let path = format!("{}/network?target={target}&format={format}", recording["sessionId"].as_str().unwrap());
        let (status, body) = self.recording_now(&path).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }
}

/// The only target of a recording, with its events.
pub(crate) fn only_target(recording: &Value) -> (&str, &[Value]) {
    let events = recording["events"].as_object().unwrap();
    assert_eq!(events.len(), 1, "{:?}", events.keys());
    let (target, events) = events.iter().next().unwrap();
    (target, events.as_array().unwrap())
}

/// Where the documents were that a target had.
pub(crate) fn hrefs(events: &[Value]) -> Vec<&str> {
    let metas = events.iter().filter(|event| event["type"] == 4);
    metas.map(|event| event["data"]["href"].as_str().unwrap()).collect()
}

/// Waits until a text is in a file of a session's recording: `events`, or `network`.
pub(crate) async fn until_recorded(folder: &TempDir, session: &str, kind: &str, text: &str) {
    until(&format!("{text} is recorded"), async || {
        let files = fs::read_dir(folder.path().join(session)).unwrap().map(|file| file.unwrap().path());
        let mut files = files.filter(|path| path.extension().is_some_and(|extension| extension == kind));
        files.any(|path| fs::read_to_string(path).unwrap().contains(text)).then_some(())
    })
    .await;
}

/// A site, and what was asked of it: `GET /path`, in order.
pub(crate) struct Site {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

const PAGE: &str = "<!doctype html><title>Page</title><link rel=icon href='data:,'><link rel=stylesheet href=/style.css>
    <h1>A page of text</h1><form><input id=name><input id=secret type=password><textarea id=area>written before</textarea>
    <input type=hidden value=a-hidden-token><input id=send type=submit value=Send></form>
    <iframe src=/frame></iframe><script src=/script.js></script>";
const FRAME: &str = "<!doctype html><p>Text in a frame</p><input id=inner value=an-inner-value>";

impl Site {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        let site = Router::new().route("/socket", get(socket)).fallback(page).layer(axum::middleware::map_request(
            move |request: Request| {
                log.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
                async { request }
            },
        ));
        tokio::spawn(async { axum::serve(listener, site).await });
        Self { url, asked }
    }

    /// Sorted, since requests are made at the same time.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort();
        asked
    }
}

async fn socket(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

async fn page(request: Request) -> Response {
    match request.uri().path() {
        "/" => Html(PAGE).into_response(),
        "/frame" => Html(FRAME).into_response(),
        "/script.js" => ([(header::CONTENT_TYPE, "text/javascript")], "fetch('/data?a=b&c=%20d')").into_response(),
        "/style.css" => ([(header::CONTENT_TYPE, "text/css")], "h1 { color: green }").into_response(),
        "/data" => ([(header::SET_COOKIE, "fresh=1")], axum::Json(json!({"answer": 42}))).into_response(),
        "/moved" => Redirect::temporary("/data").into_response(),
        "/worker.js" => ([(header::CONTENT_TYPE, "text/javascript")], "fetch('/from-worker')").into_response(),
        "/endless" => endless("<!doctype html><link rel=icon href='data:,'><h1>So far</h1>"),
        "/missing" => Status::NOT_FOUND.into_response(),
        path => Html(format!("<!doctype html><link rel=icon href='data:,'><h1>This is {path}</h1>")).into_response(),
    }
}

/// A page that is never there as a whole.
fn endless(so_far: &'static str) -> Response {
    let rest = stream::iter([Ok::<_, Infallible>(so_far)]).chain(stream::pending());
    ([(header::CONTENT_TYPE, "text/html")], Body::from_stream(rest)).into_response()
}

/// A page, in a session that is not recorded, in which rrweb shows how a recording ends: `replayed` is its document.
pub(crate) async fn replay(env: &Env, events: &[Value]) -> Cdp {
    let session = env.acquire("").await;
    let mut page = Cdp::link(&env.page(&session).await["webSocketDebuggerUrl"]).await.unwrap();
    let rrweb = fs::read_to_string(npm("rrweb/umd/rrweb.min.js")).unwrap();
    page.call("Runtime.evaluate", json!({"expression": rrweb})).await;
    let replayer = format!("window.replayer = new rrweb.Replayer({}, {{mouseTail: false}})", json!(events));
    page.evaluate(&format!("void ({replayer})")).await;
    // What happened at the very end has to be before.
    page.evaluate("void replayer.pause(replayer.getMetaData().totalTime + 1)").await;
    let document = "Object.defineProperty(window, 'replayed', {get: () => replayer.iframe.contentDocument})";
    page.evaluate(&format!("void {document}")).await;
    page
}
