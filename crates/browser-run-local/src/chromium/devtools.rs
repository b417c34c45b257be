//! Chromium's own HTTP endpoints, and the URL of each WebSocket.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use browser_run_api::{Target, Version};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Chromium answers in milliseconds; a machine under load may need longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Targets that are parts of the browser, not what anybody opened.
const HIDDEN: [&str; 4] = ["browser", "browser_ui", "tab", "other"];

/// What Chromium's HTTP endpoints can fail with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DevToolsError {
    #[error("Target not found")]
    NoSuchTarget,
    #[error("Chromium does not answer")]
    Http(#[from] reqwest::Error),
    #[error("Chromium's answer is not understood")]
    Malformed(#[from] serde_json::Error),
    #[error("Chromium answered {0}")]
    Status(StatusCode),
    #[error("Chromium listens on an unexpected URL: {0}")]
    UnexpectedUrl(String),
}

/// A file of Chromium's bundled DevTools front end.
#[derive(Debug, Clone)]
pub(crate) struct FrontEndFile {
    pub(crate) content_type: HeaderValue,
    pub(crate) bytes: Bytes,
}

/// One Chromium's endpoints.
#[derive(Debug, Clone)]
pub(crate) struct DevTools {
    http: Client,
    /// `127.0.0.1:41234`
    authority: Arc<str>,
    /// `ws://127.0.0.1:41234/devtools/browser/…`
    browser_socket: Arc<str>,
    version: Arc<Version>,
}

impl DevTools {
    /// Asks the Chromium that listens on `browser_socket` for its version.
    pub(crate) async fn probe(browser_socket: &str) -> Result<Self, DevToolsError> {
        let authority = browser_socket
            .strip_prefix("ws://")
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(|| DevToolsError::UnexpectedUrl(browser_socket.to_owned()))?
            .0;
        let http = Client::builder().no_proxy().timeout(ANSWER_WITHIN).build()?;
        let version = json(http.get(format!("http://{authority}/json/version"))).await?;
        Ok(Self {
            http,
            authority: authority.into(),
            browser_socket: browser_socket.into(),
            version: Arc::new(version),
        })
    }

    pub(crate) fn version(&self) -> &Version {
        &self.version
    }

    /// `156.0.8078.79`
    pub(crate) fn version_number(&self) -> &str {
        let browser = &self.version.browser;
        browser.rsplit_once('/').map_or(browser, |(_, number)| number)
    }

    pub(crate) fn browser_socket(&self) -> &str {
        &self.browser_socket
    }

    /// `target` has to be an id that Chromium knows: nothing is encoded.
    pub(crate) fn page_socket(&self, target: &str) -> String {
        format!("ws://{}/devtools/page/{target}", self.authority)
    }

    /// What somebody opened, newest first.
    pub(crate) async fn targets(&self) -> Result<Vec<Target>, DevToolsError> {
        let mut targets: Vec<Target> = json(self.request(Method::GET, "/json/list")).await?;
        targets.retain(|target| !HIDDEN.contains(&target.kind.as_str()));
        Ok(targets)
    }

    pub(crate) async fn target(&self, id: &str) -> Result<Target, DevToolsError> {
        let targets = self.targets().await?;
        targets.into_iter().find(|target| target.id.eq_ignore_ascii_case(id)).ok_or(DevToolsError::NoSuchTarget)
    }

    /// Opens a tab on exactly this URL: the whole query is the URL, and is decoded once.
    pub(crate) async fn open(&self, url: &str) -> Result<Target, DevToolsError> {
        let url = utf8_percent_encode(url, NON_ALPHANUMERIC);
        json(self.request(Method::PUT, &format!("/json/new?{url}"))).await
    }

    /// Brings a tab to the front; the answer is Chromium's own words.
    pub(crate) async fn activate(&self, target: &Target) -> Result<String, DevToolsError> {
        self.command("activate", target).await
    }

    /// Closes a tab; the answer is Chromium's own words.
    pub(crate) async fn close(&self, target: &Target) -> Result<String, DevToolsError> {
        self.command("close", target).await
    }

    async fn command(&self, command: &str, target: &Target) -> Result<String, DevToolsError> {
        let request = self.request(Method::GET, &format!("/json/{command}/{}", target.id));
        Ok(checked(request).await?.text().await?.trim().to_owned())
    }

    /// The protocol's description.
    pub(crate) async fn protocol(&self) -> Result<Value, DevToolsError> {
        json(self.request(Method::GET, "/json/protocol")).await
    }

    /// A file of the bundled front end.
    pub(crate) async fn front_end_file(&self, path: &str) -> Result<FrontEndFile, DevToolsError> {
        let response = checked(self.request(Method::GET, &format!("/devtools/{path}"))).await?;
        let content_type = response.headers().get(CONTENT_TYPE).cloned();
        let content_type = content_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
        Ok(FrontEndFile { content_type, bytes: response.bytes().await? })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.authority))
    }
}

async fn json<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, DevToolsError> {
    Ok(serde_json::from_slice(&checked(request).await?.bytes().await?)?)
}

async fn checked(request: RequestBuilder) -> Result<reqwest::Response, DevToolsError> {
    let response = request.send().await?;
    match response.status() {
        status if status.is_success() => Ok(response),
        StatusCode::NOT_FOUND => Err(DevToolsError::NoSuchTarget),
        status => Err(DevToolsError::Status(status)),
    }
}
