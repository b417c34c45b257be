//! Browser Run on this machine, and a client of it that is not the Worker.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, SystemTime},
};

use browser_run_local::{Config, Server};
use process_guard::Guard;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::until::{DEADLINE, until};

const ACCOUNT: &str = "local";

/// Browser Run on this machine.
pub(crate) struct BrowserRun {
    server: Server,
    config: Config,
    pub(crate) token: String,
    /// What it has recorded, until the guard's input ends: with this value, or with this process, however that ends.
    recordings: PathBuf,
    _guard: Child,
}

impl BrowserRun {
    pub(crate) async fn start(token: &str) -> Self {
        Self::start_in(token, std::env::temp_dir()).await
    }

    /// With a folder for its browsers' profiles.
    pub(crate) async fn start_in(token: &str, tmpdir: PathBuf) -> Self {
        Self::start_with(token, Config { tmpdir, ..Config::new(token) }).await
    }

    async fn start_with(token: &str, config: Config) -> Self {
        let recordings = tempfile::tempdir().unwrap().keep();
        let guard = Guard { name: "recordings", grace: Duration::ZERO, folder: Some(&recordings), before_removal: "" };
        let guard = guard.command().spawn().unwrap();
        let rrweb = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/@rrweb/record/umd/record.min.js");
        let config = Config { rrweb: Some(rrweb), recordings: Some(recordings.clone()), ..config };
        let server = browser_run_local::spawn(config.clone()).await.unwrap();
        Self { server, config, token: token.to_owned(), recordings, _guard: guard }
    }

    /// With browsers to which every name below `example` is this machine.
    pub(crate) async fn start_resolving(token: &str, folder: &Path) -> Self {
        let chromium = Config::new(token).find_chromium().unwrap();
        let flag = "--host-resolver-rules=MAP *.example 127.0.0.1";
        let script = format!("#!/bin/sh\nexec '{}' '{flag}' \"$@\"\n", chromium.display());
        let path = folder.join("chromium-that-resolves");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        Self::start_with(token, Config { chromium: Some(path), ..Config::new(token) }).await
    }

    /// Stops it, and starts it again where it was, without any of its sessions.
    pub(crate) async fn restart(self) -> Self {
        let config = Config { port: self.server.address().port(), ..self.config };
        self.server.stop().await.unwrap();
        let server = browser_run_local::spawn(config.clone()).await.unwrap();
        Self { server, config, ..self }
    }

    /// The command lines of its browsers that run, and of those that ran before it was restarted.
    pub(crate) fn browsers(&self) -> Vec<String> {
        let processes = Command::new("ps").args(["-A", "-o", "args="]).output().unwrap().stdout;
        let profiles = format!("--user-data-dir={}", self.config.tmpdir.display());
        let processes = String::from_utf8_lossy(&processes).into_owned();
        let browsers = processes.lines().filter(|line| line.contains(&profiles) && !line.contains("--type="));
        browsers.map(str::to_owned).collect()
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

    /// Has a call meet a fault.
    pub(crate) fn inject(&self, fault: &Value) {
        self.server.inject(fault.to_string().parse().unwrap());
    }

    /// Kills a session's browser.
    pub(crate) fn crash(&self, session: &str) {
        assert!(self.server.crash(session));
    }

    /// Waits until something is in a recording: what a page says reaches it a moment later.
    pub(crate) async fn has_recorded(&self, what: &str) {
        until("it is recorded", async || {
            let grep = Command::new("grep").args(["-rqF", what]).arg(&self.recordings).status().unwrap();
            if grep.success() { Ok(()) } else { Err(what.to_owned()) }
        })
        .await;
    }

    /// Waits until a session is older than a second: a shorter one leaves no recording.
    pub(crate) async fn is_old_enough_to_be_recorded(&self, session: &str) {
        let started = self.session(session).await["startTime"].as_u64().unwrap();
        until("a second is over", async || {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
            if now > u128::from(started) + 1_000 { Ok(()) } else { Err(now.to_string()) }
        })
        .await;
    }

    /// Opens a tab in a new browser, which may be idle for twenty minutes; answers its session and a link to the tab.
    pub(crate) async fn open(&self, url: &str) -> (String, String) {
        let session = text(&self.call(Method::POST, "/browser", &[("keep_alive", "1200000")]).await["sessionId"]);
        let link = self.open_tab(&session, url).await;
        (session, link)
    }

    /// Opens another tab in a browser; answers a link to it.
    pub(crate) async fn open_tab(&self, session: &str, url: &str) -> String {
        let target = self.call(Method::PUT, &format!("/browser/{session}/json/new"), &[("url", url)]).await;
        text(&target["devtoolsFrontendUrl"])
    }

    /// Closes a session, if it is still there, behind the Worker's back.
    pub(crate) async fn close(&self, session: &str) {
        let answer = self.request(Method::DELETE, &format!("/browser/{session}")).send().await.unwrap();
        assert!(matches!(answer.status().as_u16(), 200 | 404 | 410), "{answer:?}");
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

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/accounts/{ACCOUNT}/browser-rendering/devtools{path}", self.server.api_url());
        let client = Client::builder().timeout(DEADLINE).build().unwrap();
        client.request(method, url).bearer_auth(&self.token)
    }

    async fn call(&self, method: Method, path: &str, query: &[(&str, &str)]) -> Value {
        let request = self.request(method, path).query(query);
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
