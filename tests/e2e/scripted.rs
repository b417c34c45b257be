//! An upstream that answers what a test says: for what real Chromium cannot be made to do.
//!
//! The Worker's upstream is fixed when it starts, a test's script is not: between them is a [`Switch`].

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    response::Response,
};
use futures_util::stream;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::MutexGuard};
use wiremock::{
    Mock, MockBuilder, MockServer, Respond, ResponseTemplate,
    matchers::{method, path},
};

use crate::worker::Worker;

/// What the Worker sends as its token.
pub(crate) const TOKEN: &str = "scripted-token-0123456789";
/// Every session's id.
pub(crate) const SESSION: &str = "1909cef7-23e8-4394-bc31-27404bf4348f";
/// Every tab's id.
pub(crate) const TARGET: &str = "8E598E996530FB09E46A22B8B7754F7F";

const PREFIX: &str = "/client/v4/accounts/acc/browser-rendering";
const DEVTOOLS: &str = "/devtools";

/// Passes requests on to whatever upstream a test has, and back what the Worker reads of its answers.
pub(crate) struct Switch {
    origin: String,
    upstream: Arc<Mutex<String>>,
}

impl Switch {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let upstream = Arc::new(Mutex::new(String::new()));
        let current = Arc::clone(&upstream);
        let router = Router::new().fallback(async move |request| {
            let upstream = current.lock().unwrap().clone();
            pass_on(&upstream, request).await
        });
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { origin, upstream }
    }

    /// The Worker's variables for it.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        let base_url = format!("{}/client/v4", self.origin);
        [("CLOUDFLARE_ACCOUNT_ID", "acc".to_owned()), ("CLOUDFLARE_API_BASE_URL", base_url)]
    }
}

async fn pass_on(upstream: &str, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    head.headers.remove("host");
    let url = format!("{upstream}{}", head.uri);
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let request = Client::new().request(head.method, url).headers(head.headers).body(body);
    let Ok(answer) = request.send().await else {
        return Response::builder().status(StatusCode::BAD_GATEWAY).body(Body::empty()).unwrap();
    };
    let mut response = Response::builder().status(answer.status());
    for name in ["content-type", "retry-after"] {
        if let Some(value) = answer.headers().get(name) {
            response = response.header(name, value);
        }
    }
    // What is large goes on while it comes.
    let chunks = stream::unfold(answer, async |mut answer| {
        let chunk = answer.chunk().await.ok()??;
        Some((Ok::<_, Infallible>(chunk), answer))
    });
    response.body(Body::from_stream(chunks)).unwrap()
}

/// The Worker with a script of the test's own as its upstream.
pub(crate) struct Scripted {
    shared: MutexGuard<'static, (Worker, Switch)>,
    script: MockServer,
}

impl Scripted {
    pub(crate) async fn new(shared: MutexGuard<'static, (Worker, Switch)>) -> Self {
        let scripted = Self { shared, script: MockServer::start().await };
        scripted.switch_to(&scripted.script.uri());
        scripted
    }

    pub(crate) fn worker(&self) -> &Worker {
        &self.shared.0
    }

    pub(crate) fn worker_mut(&mut self) -> &mut Worker {
        &mut self.shared.0
    }

    /// From now on the upstream is this one, and not the script.
    pub(crate) fn switch_to(&self, origin: &str) {
        origin.clone_into(&mut self.shared.1.upstream.lock().unwrap());
    }

    /// Answers a call below `…/devtools`, such as `POST /browser`, or a `GET` beside it, such as `/recording/…`, once.
    pub(crate) async fn answer(&self, call: &str, answer: impl Respond + 'static) {
        let call = Self::given(call).respond_with(answer);
        call.up_to_n_times(1).mount(&self.script).await;
    }

    /// Answers a call as often as it comes.
    pub(crate) async fn always(&self, call: &str, answer: impl Respond + 'static) {
        Self::given(call).respond_with(answer).mount(&self.script).await;
    }

    fn given(call: &str) -> MockBuilder {
        // Recordings are beside what they are of.
        match call.split_once(' ') {
            Some((verb, below)) => Mock::given(method(verb)).and(path(format!("{PREFIX}{DEVTOOLS}{below}"))),
            None => Mock::given(method("GET")).and(path(format!("{PREFIX}{call}"))),
        }
    }

    /// Has the next `POST /browser` succeed.
    pub(crate) async fn acquires(&self) {
        self.answer("POST /browser", session(SESSION)).await;
    }

    /// A click with these options, on a page that nobody else asks for.
    pub(crate) fn click(&self, options: &[(&str, &str)]) -> RequestBuilder {
        self.worker().click(&self.page(), options)
    }

    /// A page that nobody else asks for.
    pub(crate) fn page(&self) -> String {
        static PAGE: AtomicU32 = AtomicU32::new(0);
        format!("https://example.com/{}", PAGE.fetch_add(1, Ordering::Relaxed))
    }

    /// `POST /browser`, and so on: what was called, in order, without queries.
    pub(crate) async fn calls(&self) -> Vec<String> {
        self.requests().await.iter().map(|request| format!("{} {}", request.method, below(request))).collect()
    }

    /// The JSON body of the first call to a path below `…/devtools`.
    pub(crate) async fn body(&self, path: &str) -> Value {
        let requests = self.requests().await;
        let request = requests.iter().find(|request| below(request) == path);
        request.unwrap_or_else(|| panic!("nobody called {path}")).body_json().unwrap()
    }

    /// The query of the last acquisition.
    pub(crate) async fn last_acquisition(&self) -> String {
        self.last_query("/browser").await
    }

    /// The query of the last call whose path ends like this.
    pub(crate) async fn last_query(&self, end: &str) -> String {
        let requests = self.requests().await;
        let last = requests.iter().rfind(|request| request.url.path().ends_with(end));
        last.unwrap().url.query().unwrap_or_default().to_owned()
    }

    async fn requests(&self) -> Vec<wiremock::Request> {
        self.script.received_requests().await.unwrap()
    }
}

/// A success.
pub(crate) fn ok(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// A new session.
pub(crate) fn session(id: &str) -> ResponseTemplate {
    ok(json!({ "sessionId": id }))
}

/// A tab, with this link to it.
pub(crate) fn target(link: &str) -> ResponseTemplate {
    ok(json!({ "id": TARGET, "type": "page", "url": "about:blank", "devtoolsFrontendUrl": link }))
}

fn below(request: &wiremock::Request) -> &str {
    let path = request.url.path().strip_prefix(PREFIX).unwrap();
    path.strip_prefix(DEVTOOLS).unwrap_or(path)
}
