//! The built Worker under `wrangler dev`, as one configuration has it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::SystemTime,
};

use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use toml::{Table, Value, toml};

use process_guard::Group;

use crate::until::until;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// One configuration.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) api_token: Option<String>,
    /// What differs from wrangler.toml's `[vars]`.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// A Worker of the tests' own, bound as `BROWSER`: its script, and its variables.
    pub(crate) binding: Option<(&'static str, Vec<(&'static str, String)>)>,
}

/// A running Worker. It ends with this value, or with this process, however that ends.
pub(crate) struct Worker {
    /// `http://127.0.0.1:41234`
    origin: String,
    log: PathBuf,
    _group: Group,
}

impl Worker {
    pub(crate) async fn start(settings: &Settings) -> Self {
        expect_built();
        let folder = folder();
        let log = folder.join("output.log");
        let (mut child, group) = Group::start(&wrangler(settings, &folder), Some(&folder)).unwrap();
        let origin = until("wrangler is ready", async || origin(&log, &mut child)).await;
        Self { origin, log, _group: group }
    }

    /// A request that no redirect is followed for.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        client.request(method, format!("{}{path}", self.origin))
    }

    /// The same, to read.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// `GET /?url=…`, with more of a query behind it.
    pub(crate) fn click(&self, url: &str, options: &[(&str, &str)]) -> RequestBuilder {
        self.get("/").query(&[("url", url)]).query(options)
    }

    /// Opens a page; answers the link to its tab.
    pub(crate) async fn open(&self, url: &str) -> String {
        let answer = self.click(url, &[]).send().await.unwrap();
        assert_eq!(answer.status(), 302, "{}", self.output());
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// Sends a request target as it is, byte for byte; answers the whole response.
    pub(crate) async fn get_raw(&self, target: &str) -> String {
        let authority = self.origin.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(authority).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        response
    }

    /// Has the cron job run, and answers when it has.
    pub(crate) async fn run_cron(&self) {
        let answer = self.get("/cdn-cgi/local/scheduled").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", self.output());
    }

    /// What wrangler and the Worker have written so far.
    pub(crate) fn output(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

/// A Worker that is older than its sources would be tested in vain.
fn expect_built() {
    let root = Path::new(ROOT);
    let sources = ["src", "crates/browser-run-api/src"].map(|folder| newest(&root.join(folder)));
    let built = fs::metadata(root.join("build/index_bg.wasm")).and_then(|file| file.modified());
    let is_current = built.is_ok_and(|built| sources.iter().all(|source| *source <= built));
    assert!(is_current, "build/ is missing, or older than the Worker's sources: run `cargo xtask build` first");
}

/// When a file in a folder was last changed.
fn newest(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let times = entries.map(|path| if path.is_dir() { newest(&path) } else { modified(&path) });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

/// The Worker's configuration and state: the group removes it at its end.
fn folder() -> PathBuf {
    TempDir::with_prefix("devtools-link-e2e-").unwrap().keep()
}

fn wrangler(settings: &Settings, folder: &Path) -> Command {
    let root = Path::new(ROOT);
    let mut command = Command::new("sh");
    command.args(["-c", r#"exec "$@" >output.log 2>&1"#, "wrangler"]).current_dir(folder);
    command.arg(root.join("node_modules/.bin/node")).arg(root.join("node_modules/wrangler/bin/wrangler.js"));
    command.args(["dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0", "--persist-to", "state"]);
    for config in configs(settings, folder) {
        command.arg("--config").arg(config);
    }
    command.env("CI", "1").env("HOME", folder).env("XDG_CONFIG_HOME", folder).env("WRANGLER_SEND_METRICS", "false");
    command.env_remove("CLOUDFLARE_ENV");
    command
}

/// Writes the configuration files. The Worker's own is the project's, except for what `settings` say.
fn configs(settings: &Settings, folder: &Path) -> Vec<PathBuf> {
    let mut config: Table = fs::read_to_string(Path::new(ROOT).join("wrangler.toml")).unwrap().parse().unwrap();
    config.remove("build");
    // wrangler's own stand-in for Browser Run would answer where none is to be.
    config.remove("browser");
    let main = Path::new(ROOT).join(config["main"].as_str().unwrap());
    config.insert("main".to_owned(), main.to_str().unwrap().into());
    let variables = config["vars"].as_table_mut().unwrap();
    // The tests' own pages are on this machine, and their clicks come fast.
    variables.extend(toml! {
        ACCESS_OPEN = "true"
        ALLOWED_HOSTS = "*,127.*"
        MAX_SESSIONS_PER_CALLER = "1000"
        MAX_OPENS_PER_MINUTE = "1000"
    });
    variables.extend(settings.variables.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())));
    if let Some(token) = &settings.api_token {
        fs::write(folder.join(".dev.vars"), format!("CLOUDFLARE_API_TOKEN=\"{token}\"\n")).unwrap();
    }
    let mut files = vec![folder.join("wrangler.toml")];
    if let Some((script, variables)) = &settings.binding {
        let services = toml! { services = [{ binding = "BROWSER", service = "browser-run" }] };
        config.extend(services);
        files.push(binding_config(script, variables, &config["compatibility_date"], folder));
    }
    fs::write(&files[0], config.to_string()).unwrap();
    files
}

fn binding_config(script: &str, variables: &[(&str, String)], date: &Value, folder: &Path) -> PathBuf {
    let folder = folder.join("browser-run");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("main.js"), script).unwrap();
    let mut config = toml! {
        name = "browser-run"
        main = "main.js"
    };
    config.insert("compatibility_date".to_owned(), date.clone());
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
    config.insert("vars".to_owned(), Value::Table(variables.collect()));
    let file = folder.join("wrangler.toml");
    fs::write(&file, config.to_string()).unwrap();
    file
}

/// Where wrangler says that the Worker is.
fn origin(log: &Path, child: &mut Child) -> Result<String, String> {
    let output = fs::read_to_string(log).unwrap_or_default();
    if let Some(status) = child.try_wait().unwrap() {
        panic!("wrangler ended, {status}:\n{output}");
    }
    let ready = output.lines().find_map(|line| line.split_once("Ready on ")).map(|(_, url)| url.trim().to_owned());
    ready.ok_or(output)
}
