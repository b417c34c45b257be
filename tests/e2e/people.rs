//! Somebody with an access token, and what they are answered.

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;

use crate::{described::expect_described, worker::Worker};

/// Who has an access token. Each test has people of its own, and so sessions and limits of its own.
pub(crate) const PEOPLE: [&str; 24] = [
    "ada", "bob", "cleo", "dan", "eve", "finn", "gus", "hal", "ida", "jon", "kim", "lea", "max", "nora", "otto", "pia",
    "rosa", "sam", "tess", "uma", "vic", "wes", "yara", "zoe",
];

/// Their access tokens.
pub(crate) fn token_of(name: &str) -> String {
    format!("{name}-has-a-token-4f9d1c7ae2")
}

/// The secret that lists them.
pub(crate) fn access_tokens() -> (&'static str, String) {
    ("ACCESS_TOKENS", PEOPLE.map(|name| format!("{name}:{}", token_of(name))).join(","))
}

/// Somebody with an access token.
#[derive(Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(crate) worker: &'a Worker,
    name: &'static str,
}

impl<'a> Person<'a> {
    pub(crate) fn new(worker: &'a Worker, name: &'static str) -> Self {
        assert!(PEOPLE.contains(&name), "{name} has no token");
        Self { worker, name }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.worker.request(method, path).bearer_auth(token_of(self.name))
    }

    /// `GET /?url=…`, with more of a query behind it.
    pub(crate) async fn click(&self, url: &str, options: &[(&str, &str)]) -> Answer {
        answer(self.worker.click(url, options).bearer_auth(token_of(self.name))).await
    }

    pub(crate) async fn open(&self, url: &str, options: &[(&str, &str)]) -> Opened {
        self.click(url, options).await.opened(302)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Sends a request. Its answer has to be one that openapi.json describes.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let (method, path) = (request.method().to_string(), request.url().path().to_owned());
    let response = client.execute(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let answer = Answer { status, headers, body: response.text().await.unwrap() };
    expect_described(&method, &path, &answer);
    answer
}

impl Answer {
    /// A header's value, empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body, of an answer with this status.
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The detail of a problem of this status and type.
    pub(crate) fn problem(&self, status: u16, kind: &str) -> String {
        let problem = self.json(status);
        assert_eq!(problem["type"], format!("urn:devtools-link:{kind}"), "{problem}");
        assert_eq!((&problem["status"], self.header("content-type")), (&status.into(), "application/problem+json"));
        problem["detail"].as_str().unwrap().to_owned()
    }

    /// The tab that a click was redirected to.
    pub(crate) fn opened(&self, status: u16) -> Opened {
        assert_eq!(self.status, status, "{self:?}");
        Opened::read(&self.headers).unwrap_or_else(|| panic!("{self:?}"))
    }
}

/// A tab, and what leads to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) link: String,
    /// `/s/{session}/{tab}`
    pub(crate) permalink: String,
    pub(crate) session: String,
    pub(crate) tab: String,
}

impl Opened {
    /// Reads a redirect.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let [link, permalink] =
            ["location", "content-location"].map(|name| Some(headers.get(name)?.to_str().ok()?.to_owned()));
        let (link, permalink) = (link?, permalink?);
        let [_, _, session, tab] = permalink.split('/').collect::<Vec<_>>()[..] else { return None };
        let (session, tab) = (session.to_owned(), tab.to_owned());
        Some(Self { link, permalink, session, tab })
    }
}
