//! Real clients, unmodified: Cloudflare's CLI and puppeteer-core, as package-lock.json has them.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::env::{DEADLINE, Env, TOKEN, site, text, until};

/// A file of the npm packages in the workspace's root.
pub(crate) fn npm(path: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules").join(path);
    assert!(path.exists(), "{} is missing: run `npm ci` in the workspace's root", path.display());
    path
}

/// Runs a script to its end.
async fn node(script: &Path, arguments: &[&str], variables: &[(&str, &str)], folder: &Path) -> Output {
    node_command(script, arguments, variables, folder).output().await.unwrap()
}

fn node_command(script: &Path, arguments: &[&str], variables: &[(&str, &str)], folder: &Path) -> Command {
    let mut command = Command::new(npm(".bin/node"));
    command.arg(script).args(arguments).envs(variables.iter().copied()).env_remove("CLOUDFLARE_ACCOUNT_ID");
    command.env("HOME", folder).env("XDG_CONFIG_HOME", folder).env("WRANGLER_LOG_PATH", folder).current_dir(folder);
    command.envs([("WRANGLER_SEND_METRICS", "false"), ("CI", "1"), ("NO_COLOR", "1")]).stdin(Stdio::null());
    // Nothing here needs the internet.
    command.env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    command.kill_on_drop(true);
    command
}

/// Runs a script of `tests/clients` to its end; answers what it said.
pub(crate) async fn run_client(script: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    npm("puppeteer-core");
    let output = node(&script, arguments, &[], folder.path()).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// A script of `tests/clients` that runs, and says a line of JSON at a time.
pub(crate) struct Script {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    _folder: TempDir,
}

pub(crate) fn start_client(script: &str, arguments: &[&str]) -> Script {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    let mut command = node_command(&script, arguments, &[], folder.path());
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    Script { process, lines, _folder: folder }
}

impl Script {
    pub(crate) async fn says(&mut self) -> Value {
        let line = timeout(DEADLINE * 3, self.lines.next_line()).await.expect("it says something in time");
        serde_json::from_str(&line.unwrap().expect("it has not ended")).unwrap()
    }

    pub(crate) async fn ends(mut self) {
        assert!(self.process.wait().await.unwrap().success());
    }
}

/// Cloudflare's CLI, told that this server is Cloudflare's API.
struct Wrangler<'a> {
    env: &'a Env,
    folder: TempDir,
}

impl<'a> Wrangler<'a> {
    fn of(env: &'a Env) -> Self {
        Self { env, folder: tempfile::tempdir().unwrap() }
    }

    /// Runs `wrangler browser …` with an account id: whether it succeeded, and what it said.
    async fn says(&self, arguments: &[&str], token: &str) -> (bool, String) {
        let account = "0123456789abcdef0123456789abcdef";
        self.run(&[&["browser"], arguments].concat(), &[("CLOUDFLARE_ACCOUNT_ID", account)], token).await
    }

    async fn run(&self, arguments: &[&str], variables: &[(&str, &str)], token: &str) -> (bool, String) {
        let base = self.env.server.api_url();
        let own = [("CLOUDFLARE_API_BASE_URL", base.as_str()), ("CLOUDFLARE_API_TOKEN", token)];
        let script = npm("wrangler/bin/wrangler.js");
        let output = node(&script, arguments, &[&own, variables].concat(), self.folder.path()).await;
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
        (output.status.success(), said)
    }

    async fn text(&self, arguments: &[&str]) -> String {
        let (success, said) = self.says(arguments, TOKEN).await;
        assert!(success, "wrangler browser {arguments:?}: {said}");
        said
    }

    async fn json(&self, arguments: &[&str]) -> Value {
        let said = self.text(&[arguments, &["--json"]].concat()).await;
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }
}

#[tokio::test]
async fn wrangler_creates_lists_views_and_closes_in_json() {
    let env = Env::start().await;
    let wrangler = Wrangler::of(&env);
    let created = wrangler.json(&["create", "--keep-alive", "600", "--lab"]).await;
    let id = text(&created["sessionId"]);
    assert_eq!(created["targets"][0]["type"], "page", "{created}");

    let listed = wrangler.json(&["list"]).await;
    assert_eq!((&listed[0]["sessionId"], listed.as_array().unwrap().len()), (&json!(id), 1), "{listed}");
    let viewed = wrangler.json(&["view"]).await;
    assert_eq!(viewed["id"], created["targets"][0]["id"], "the only session's only page");
    let link = reqwest::get(text(&viewed["devtoolsFrontendUrl"])).await.unwrap();
    assert_eq!(link.status(), 200);
    assert_eq!(wrangler.json(&["close", &id]).await, json!({"sessionId": id, "status": "closing"}));
    let (success, said) = wrangler.says(&["view", &id], TOKEN).await;
    assert!(!success && said.contains("Session has ended: NormalClosure"), "{said}");

    let next = wrangler.json(&["create"]).await;
    let viewed = wrangler.json(&["view"]).await;
    assert_eq!(viewed["id"], next["targets"][0]["id"], "the one that was closed is not asked about");
}

#[tokio::test]
async fn wrangler_creates_lists_views_and_closes_in_words() {
    let env = Env::start().await;
    let wrangler = Wrangler::of(&env);
    let created = wrangler.text(&["create"]).await;
    let id = text(&env.ok("GET", "/session").await[0]["sessionId"]);
    assert!(created.contains(&format!("Session created: {id}")) && created.contains("/ui/inspector?wss="), "{created}");
    let listed = wrangler.text(&["list"]).await;
    assert!(listed.contains(&id) && listed.contains("Start Time") && !listed.contains("Invalid Date"), "{listed}");
    let viewed = wrangler.text(&["view", &id, "--target", "about:blank"]).await;
    assert!(viewed.contains("/ui/view?wss="), "{viewed}");
    let closed = wrangler.text(&["close", &id]).await;
    assert!(closed.contains(&format!("Session {id} closing.")), "{closed}");
}

#[tokio::test]
async fn wrangler_finds_the_account_by_itself_and_reads_errors() {
    let env = Env::start().await;
    let wrangler = Wrangler::of(&env);
    let (success, said) = wrangler.run(&["browser", "list"], &[], TOKEN).await;
    assert!(success && said.contains("No active Browser Run sessions found."), "{said}");
    let (success, said) = wrangler.run(&["whoami"], &[], TOKEN).await;
    assert!(success && said.contains("browser-run-local"), "{said}");
    let (success, said) = wrangler.says(&["list"], "wrong").await;
    assert!(!success && said.contains("Authentication failed"), "{said}");
    let (success, said) = wrangler.says(&["close", "1909cef7-23e8-4394-bc31-27404bf4348f"], TOKEN).await;
    assert!(!success && said.contains("Session not found"), "{said}");
}

#[tokio::test]
async fn puppeteer_acquires_works_reconnects_and_closes() {
    let (env, site) = (Env::start().await, site().await);
    let said = run_client("puppeteer.mjs", &[&env.cdp_url(), TOKEN, &site]).await;
    let steps: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [worked, disconnected, reconnected, closed] = steps.as_slice() else { panic!("{said}") };

    assert_eq!((&worked["heading"], &worked["pages"]), (&json!("Hello from the small site"), &json!(2)));
    assert!(worked["screenshot"].as_u64().unwrap() > 1_000, "{worked}");
    assert_eq!(disconnected["sessions"], 1);
    let titles = reconnected["titles"].as_array().unwrap();
    assert!(titles.contains(&json!("left by the first connection")), "{titles:?}");
    assert_eq!(closed["step"], "closed");
    let id = text(&disconnected["sessionId"]);
    let ended = until("the session ends with its browser", async || {
        Some(env.session(&id).await).filter(|session| session["endTime"].is_u64())
    });
    assert_eq!(ended.await["closeReasonText"], "NormalClosure");
}
