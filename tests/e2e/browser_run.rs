//! Browser Run on this machine, and a client of it that is not the Worker.

use std::time::Duration;

use browser_run_local::{Config, Server};
use reqwest::Method;
use serde_json::Value;

const ACCOUNT: &str = "local";

/// Browser Run on this machine.
pub(crate) struct BrowserRun {
    server: Server,
    pub(crate) token: String,
}

impl BrowserRun {
    pub(crate) async fn start(token: &str) -> Self {
        let server = browser_run_local::spawn(Config::new(token)).await.unwrap();
        Self { server, token: token.to_owned() }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// The Worker's secret for it.
    pub(crate) fn secret(&self) -> (&'static str, String) {
        ("CLOUDFLARE_API_TOKEN", self.token.clone())
    }

    /// The Worker's variables for it.
    pub(crate) fn variables(&self) -> [(&'static str, String); 3] {
        [
            ("CLOUDFLARE_ACCOUNT_ID", ACCOUNT.to_owned()),
            ("CLOUDFLARE_API_BASE_URL", self.server.api_url()),
            ("LIVE_VIEW_HOSTS", self.url()),
        ]
    }

    /// Puts its clock forward.
    pub(crate) fn advance(&self, by: Duration) {
        self.server.advance(by);
    }

    /// Opens a tab in a new browser; answers the session's id and a link to the tab.
    pub(crate) async fn open(&self, url: &str) -> (String, String) {
        let session = text(&self.call(Method::POST, "/browser", &[]).await["sessionId"]);
        let target = self.call(Method::PUT, &format!("/browser/{session}/json/new"), &[("url", url)]).await;
        (session, text(&target["devtoolsFrontendUrl"]))
    }

    /// Closes a session behind the Worker's back.
    pub(crate) async fn close(&self, session: &str) {
        self.call(Method::DELETE, &format!("/browser/{session}"), &[]).await;
    }

    /// The ids and URLs of a session's tabs.
    pub(crate) async fn tabs(&self, session: &str) -> Vec<(String, String)> {
        let targets = self.call(Method::GET, &format!("/browser/{session}/json/list"), &[]).await;
        let pages = targets.as_array().unwrap().iter().filter(|target| target["type"] == "page");
        pages.map(|page| (text(&page["id"]), text(&page["url"]))).collect()
    }

    /// What it says about a session.
    pub(crate) async fn session(&self, id: &str) -> Value {
        self.call(Method::GET, &format!("/session/{id}"), &[]).await
    }

    async fn call(&self, method: Method, path: &str, query: &[(&str, &str)]) -> Value {
        let url = format!("{}/accounts/{ACCOUNT}/browser-rendering/devtools{path}", self.server.api_url());
        let request = reqwest::Client::new().request(method, url).query(query).bearer_auth(&self.token);
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }
}

/// The session that a link leads to.
pub(crate) fn session_of(link: &str) -> &str {
    let (_, path) = link.split_once("/browser/").unwrap();
    path.split('/').next().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}
