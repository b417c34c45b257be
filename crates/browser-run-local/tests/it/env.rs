//! A server of one's own, or one that lends its sessions, its clients, and a page to look at.

use std::{
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use axum::{Router, response::Html, routing::get};
use browser_run_local::{Config, Server};
use cdp_client::Cdp;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    sync::OnceCell,
    time::{Instant, sleep},
};
use tokio_tungstenite::tungstenite::ClientRequestBuilder;

pub(crate) const TOKEN: &str = "a-token-for-tests";
pub(crate) const PREFIX: &str = "/client/v4/accounts/acc/browser-rendering/devtools";

/// How long anything may take that has no time of its own, on a machine that may be slow.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// Ends a session long after its test, whose clock may be put forward.
pub(crate) const LONG: &str = "?keep_alive=1200000";

/// A server, and clients of it.
pub(crate) struct Env {
    pub(crate) server: Arc<Server>,
    http: reqwest::Client,
    /// What it has of the sessions that go from test to test, if it is a client of theirs.
    lent: Option<Lent>,
}

impl Env {
    pub(crate) async fn start() -> Self {
        Self::with(Config::new(TOKEN)).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let server = browser_run_local::spawn(config).await.unwrap().into();
        Self { server, http: reqwest::Client::new(), lent: None }
    }

    /// A client of the server that lends its sessions: to `acquire(LONG)`, for as long as this lives. It is for who neither
    /// counts them nor touches the server's clock.
    pub(crate) async fn lent() -> Self {
        Self { server: lender().await, http: reqwest::Client::new(), lent: Some(Lent::default()) }
    }

    /// Stops the server, and waits for its end.
    pub(crate) async fn stop(self) {
        Arc::into_inner(self.server).unwrap().stop().await.unwrap();
    }

    /// A request to a path below `…/devtools`, with the token.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.request_at(method, &format!("{PREFIX}{path}")).bearer_auth(TOKEN)
    }

    /// A request to any path, without a token.
    pub(crate) fn request_at(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("{}{path}", self.server.url()))
    }

    /// The status and the JSON body of an answer.
    pub(crate) async fn call(&self, method: &str, path: &str) -> (StatusCode, Value) {
        answer(self.request(method, path)).await
    }

    /// The JSON body of a success.
    pub(crate) async fn ok(&self, method: &str, path: &str) -> Value {
        let (status, body) = self.call(method, path).await;
        assert_eq!(status, StatusCode::OK, "{method} {path}: {body}");
        body
    }

    /// A new session's id.
    pub(crate) async fn acquire(&self, query: &str) -> String {
        let Some(Lent(own)) = self.lent.as_ref().filter(|_| query == LONG) else {
            return self.acquire_new(query).await;
        };
        let id = match self.free().await {
            Some(id) => id,
            None => self.acquire_new(query).await,
        };
        own.lock().unwrap().push(id.clone());
        id
    }

    async fn acquire_new(&self, query: &str) -> String {
        text(&self.ok("POST", &format!("/browser{query}")).await["sessionId"])
    }

    /// A session that another test had, if there is one.
    async fn free(&self) -> Option<String> {
        loop {
            let id = FREE.lock().unwrap().pop()?;
            if self.is_cleared(&format!("/browser/{id}/json")).await {
                return Some(id);
            }
        }
    }

    /// Leaves one blank page, unless the session has ended.
    async fn is_cleared(&self, json: &str) -> bool {
        let (status, before) = self.call("GET", &format!("{json}/list")).await;
        if status != StatusCode::OK {
            return false;
        }
        let blank = self.ok("PUT", &format!("{json}/new")).await;
        for tab in before.as_array().unwrap() {
            // A frame may have gone with its page.
            self.call("GET", &format!("{json}/close/{}", text(&tab["id"]))).await;
        }
        until("one blank page", async || {
            let left = self.ok("GET", &format!("{json}/list")).await;
            (left.as_array().unwrap().len() == 1 && left[0]["id"] == blank["id"]).then_some(())
        })
        .await;
        true
    }

    /// The session's first page, with its links.
    pub(crate) async fn page(&self, session: &str) -> Value {
        self.ok("GET", &format!("/browser/{session}/json/list")).await[0].clone()
    }

    /// What `/session` says about a session.
    pub(crate) async fn session(&self, session: &str) -> Value {
        self.ok("GET", &format!("/session/{session}")).await
    }

    /// The answer to what a Workers binding asks beside the API.
    pub(crate) async fn binding(&self, path: &str) -> Value {
        let (status, body) = answer(self.request_at("GET", path).bearer_auth(TOKEN)).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// Where CDP clients find the API, with a token.
    pub(crate) fn cdp_url(&self) -> String {
        format!("ws://{}{PREFIX}", self.server.address())
    }

    /// CDP to a path below `…/devtools`, with the token.
    pub(crate) async fn cdp(&self, path: &str) -> Cdp {
        let url = format!("{}{path}", self.cdp_url());
        let request = ClientRequestBuilder::new(url.parse().unwrap());
        Cdp::connect(request.with_header("Authorization", format!("Bearer {TOKEN}"))).await.unwrap()
    }
}

/// The server whose sessions go from test to test: to start a Chromium takes longer than most tests. It ends with this process.
async fn lender() -> Arc<Server> {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
    static LENDER: OnceCell<Arc<Server>> = OnceCell::const_new();
    let start = async || RUNTIME.spawn(Env::start()).await.unwrap().server;
    LENDER.get_or_init(start).await.clone()
}

/// Sessions of [`lender`] that no test has.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Those that one test has.
#[derive(Default)]
struct Lent(Mutex<Vec<String>>);

impl Drop for Lent {
    fn drop(&mut self) {
        // What has failed may be in any state.
        if !std::thread::panicking() {
            FREE.lock().unwrap().append(self.0.get_mut().unwrap());
        }
    }
}

/// The status and the JSON body of an answer.
pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let body = response.text().await.unwrap();
    (status, serde_json::from_str(&body).unwrap_or_else(|_| panic!("{status}, and not JSON: {body}")))
}

/// The message of an error body, which has to have the one documented shape.
pub(crate) fn message(body: &Value) -> &str {
    assert!(body["errors"][0]["code"].is_u64(), "{body}");
    body["errors"][0]["message"].as_str().unwrap()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// Asks until the answer is one, within the deadline.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "in vain: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// A small site: every path is a page with a heading. It is there as long as the test.
pub(crate) async fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    const PAGE: &str = "<!doctype html><title>Small site</title><h1 id=greeting>Hello from the small site</h1>";
    let site = Router::new().fallback(get(async || Html(PAGE)));
    tokio::spawn(async { axum::serve(listener, site).await });
    url
}
