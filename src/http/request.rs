//! A request as the routes see it: read from the platform's in one crossing.

use super::error::Error;
use crate::domain::access::own_host;
use crate::js::{self, Outcome};
use page_url::host::without_port;
use std::iter;

/// A request.
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, from the first slash on, as they were sent.
    pub(crate) target: String,
    /// Scheme and host, without a slash at the end.
    origin: String,
    headers: Vec<(String, String)>,
    raw: js::Request,
}

impl Request {
    pub(crate) fn new(raw: js::Request) -> Self {
        let lines = js::lines_of(&raw);
        let mut lines = lines.split('\n');
        let mut line = || lines.next().unwrap_or_default();
        let (method, url) = (line().to_owned(), line());
        let authority = url.find("://").map_or(0, |index| index + 3);
        let path = url[authority..].find('/').map_or(url.len(), |index| authority + index);
        let (origin, target) = url.split_at(path);
        let headers = iter::from_fn(|| Some((lines.next()?.to_owned(), lines.next()?.to_owned()))).collect();
        Self { method, target: target.to_owned(), origin: origin.to_owned(), headers, raw }
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The host that was asked, without its port.
    pub(crate) fn host(&self) -> &str {
        without_port(self.origin.split_once("://").map_or("", |(_, host)| host))
    }

    /// Whether browsers say here what a request is for: they send `sec-fetch-*` over https and to this machine alone.
    /// <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-dest-header>
    pub(crate) fn has_fetch_metadata(&self) -> bool {
        self.origin.starts_with("https://") || own_host::is_loopback(self.host())
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(crate) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// Whether a browser goes there for a person. Programs don't say this.
    pub(crate) fn is_navigation(&self) -> bool {
        self.header("sec-fetch-dest").is_some_and(|destination| destination == "document")
    }

    /// Whether a person is looking.
    pub(crate) fn wants_html(&self) -> bool {
        self.header("accept").is_some_and(|accept| accept.contains("text/html"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// The error that says there is nothing here.
    pub(crate) fn not_found(&self) -> Error {
        Error::NotFound { path: self.path().to_owned() }
    }

    /// The body's text, empty where there is none.
    pub(crate) async fn text(&self) -> String {
        let Outcome { status, text, .. } = js::text_of(&self.raw).await;
        if status == 0 { String::new() } else { text }
    }
}
