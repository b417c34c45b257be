//! browser-run-local as a child, and one of its sessions: through it, and at Chromium's own port.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use process_guard::{Group, Guarded};
use serde_json::Value;

use crate::{
    cdp::Cdp,
    http::{Answer, Connection},
    process::free_addresses,
    settings::Local as Settings,
};

/// To start, and to start a browser, on a machine that may be slow.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);
const TOKEN: &str = "bench";
const AUTHORIZATION: &str = "Bearer bench";
const DEVTOOLS: &str = "/v1/devtools";
/// Chromium writes its port here, and the browser's path: <https://chromedevtools.github.io/devtools-protocol/>
const PORT_FILE: &str = "DevToolsActivePort";

pub(super) struct Program {
    /// Dropped first: it ends the child.
    group: Option<Group>,
    child: Child,
    address: SocketAddr,
    warm: u64,
    /// Of its browsers' profiles.
    folder: PathBuf,
}

/// A session with one page.
pub(super) struct Session {
    id: String,
    page: String,
    /// Of browser-run-local.
    address: SocketAddr,
    /// Chromium's own, with a slash at its end.
    chromium: String,
    /// Of the browser there.
    browser: String,
}

impl Program {
    /// Starts it with so many browsers kept warm.
    pub(super) async fn start(settings: &Settings, warm: u64) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("local-").tempdir_in(&settings.scratch)?;
        let [address, _] = free_addresses()?;
        let mut command = Command::new(&settings.program);
        command.args(["--token", TOKEN, "--port", &address.port().to_string(), "--warm", &warm.to_string()]);
        command.arg("--rrweb").arg(&settings.rrweb).arg("--recordings").arg(folder.path().join("recordings"));
        command.arg("--tmpdir").arg(folder.path()).env("RUST_LOG", "warn");
        // Removed when the group ends, however this process does.
        let folder = folder.keep();
        let Guarded { child, group } = Group::start(&command, Some(&folder))?;
        let mut program = Self { group: Some(group), child, address, warm, folder };
        program.wait().await?;
        Ok(program)
    }

    async fn wait(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Connection::open(self.address).await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("browser-run-local ended by itself: {status}; what it said is above");
            }
            ensure!(Instant::now() < deadline, "browser-run-local does not listen after {PATIENCE:?}");
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Waits until as many browsers are ready as it keeps.
    pub(super) async fn wait_until_warm(&self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status: Value = serde_json::from_slice(&self.call("GET", "/status").await?.body)?;
            if status["warm"].as_u64() == Some(self.warm) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "no browser is ready after {PATIENCE:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(super) async fn acquire(&self) -> Result<Session> {
        let (id, page) = self.acquire_with("").await?;
        let (port, browser) = self.chromiums_port().await?;
        Ok(Session { id, page, address: self.address, chromium: format!("ws://127.0.0.1:{port}"), browser })
    }

    /// The same as [`chromiums_port`]; the profile of a session that has just ended may still be there.
    async fn chromiums_port(&self) -> Result<(u16, String)> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match chromiums_port(&self.folder) {
                Err(_) if Instant::now() < deadline => tokio::time::sleep(PAUSE).await,
                found => return found,
            }
        }
    }

    /// A session's page, through browser-run-local.
    pub(super) async fn page(&self, query: &str) -> Result<Cdp> {
        let (id, page) = self.acquire_with(query).await?;
        let url = format!("ws://{}{DEVTOOLS}/browser/{id}/page/{page}", self.address);
        Cdp::connect(&url, Some(AUTHORIZATION)).await
    }

    /// The ids of a new session, and of its page.
    async fn acquire_with(&self, query: &str) -> Result<(String, String)> {
        let path = format!("{DEVTOOLS}/browser?keep_alive=600000&targets=true{query}");
        let answer = self.call("POST", &path).await?;
        let acquired: Value = serde_json::from_slice(&answer.body)?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match (text(&acquired["sessionId"]), text(&acquired["targets"][0]["id"])) {
            (Some(id), Some(page)) => Ok((id, page)),
            _ => bail!("no session was acquired: {}", answer.text()),
        }
    }

    pub(super) async fn close(&self, session: &Session) -> Result<()> {
        self.call("DELETE", &format!("{DEVTOOLS}/browser/{}", session.id)).await.map(drop)
    }

    async fn call(&self, method: &str, path: &str) -> Result<Answer> {
        let mut connection = Connection::open(self.address).await?;
        let answer = connection.send(method, path, &[("authorization", AUTHORIZATION)]).await?;
        ensure!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text());
        Ok(answer)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Session {
    /// Connections to its page: Chromium's own, and ours.
    pub(super) async fn pages(&self) -> Result<[Cdp; 2]> {
        let (id, page) = (&self.id, &self.page);
        let theirs = format!("{}/devtools/page/{page}", self.chromium);
        self.pair(&theirs, &format!("{DEVTOOLS}/browser/{id}/page/{page}")).await
    }

    /// The same to the browser itself.
    pub(super) async fn browsers(&self) -> Result<[Cdp; 2]> {
        let theirs = format!("{}{}", self.chromium, self.browser);
        self.pair(&theirs, &format!("{DEVTOOLS}/browser/{}", self.id)).await
    }

    async fn pair(&self, theirs: &str, ours: &str) -> Result<[Cdp; 2]> {
        let ours = format!("ws://{}{ours}", self.address);
        Ok([Cdp::connect(theirs, None).await?, Cdp::connect(&ours, Some(AUTHORIZATION)).await?])
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.group.take());
        // It cannot fail: the child is ours, and nobody else waits for it.
        let _ = self.child.wait();
    }
}

/// The port of the only browser whose profile is in a folder, and the path of its socket.
fn chromiums_port(folder: &Path) -> Result<(u16, String)> {
    let profiles = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> =
        profiles.map(|profile| profile.join(PORT_FILE)).filter(|file| file.exists()).collect();
    let (Some(file), true) = (files.pop(), files.is_empty()) else {
        bail!("not exactly one browser has its profile in {}", folder.display())
    };
    let text = fs::read_to_string(&file)?;
    let (port, path) = text.split_once('\n').with_context(|| format!("{} is unfinished", file.display()))?;
    Ok((port.parse()?, path.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn the_port_is_that_of_the_only_browser() {
        let folder = TempDir::new().unwrap();
        for name in ["a", "b"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        assert!(chromiums_port(folder.path()).is_err());
        fs::write(folder.path().join("a").join(PORT_FILE), "4321\n/devtools/browser/x").unwrap();
        assert_eq!(chromiums_port(folder.path()).unwrap(), (4321, "/devtools/browser/x".to_owned()));
        fs::write(folder.path().join("b").join(PORT_FILE), "1\n/").unwrap();
        assert!(chromiums_port(folder.path()).is_err(), "which one?");
    }
}
