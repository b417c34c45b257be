//! The built Worker under `wrangler dev`, as one configuration has it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, SystemTime},
};

use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use toml::{Table, Value, toml};

use process_guard::{Group, Guarded};

use crate::until::until;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Past every deadline of the Worker's own: a test ends, and names the request that it waited for.
const ANSWER_DEADLINE: Duration = Duration::from_secs(120);
const LOG: &str = "output.log";
const STATE: &str = "state";
/// The Worker's, and its binding's if it has one.
const CONFIGS: [&str; 2] = ["wrangler.toml", "browser-run/wrangler.toml"];

/// One configuration.
#[derive(Default)]
pub(crate) struct Settings {
    /// What no configuration file holds: the API token, access tokens, keys.
    pub(crate) secrets: Vec<(&'static str, String)>,
    /// What differs from wrangler.toml's `[vars]`.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// A Worker of the tests' own, bound as `BROWSER`: its script, and its variables.
    pub(crate) binding: Option<(&'static str, Vec<(&'static str, String)>)>,
    /// A module of the tests' own around the build, which it imports from `"built"`.
    pub(crate) around: Option<&'static str>,
    /// Whether it is the build that `cargo xtask dev` runs, and not the one that is deployed.
    pub(crate) dev_build: bool,
}

/// A running Worker. It ends with this value, or with this process, however that ends.
pub(crate) struct Worker {
    /// `http://127.0.0.1:41234`
    pub(crate) origin: String,
    folder: PathBuf,
    child: Child,
    /// Of each start, the last one first: the first one's removes the folder.
    groups: Vec<Group>,
}

impl Worker {
    pub(crate) async fn start(settings: &Settings) -> Self {
        expect_built(settings.build());
        let folder = folder();
        configure(settings, &folder);
        let Guarded { mut child, group } = Group::start(&wrangler(&folder), Some(&folder)).unwrap();
        let origin = until("wrangler is ready", async || origin(&folder, &mut child)).await;
        Self { origin, folder, child, groups: vec![group] }
    }

    /// Kills all of its processes, which cannot know of it, and starts it anew over the state that was saved.
    pub(crate) async fn kill_and_start_again(&mut self) {
        self.kill();
        self.start_again().await;
    }

    /// The same, with nothing in what its Durable Object had stored that could be read.
    pub(crate) async fn start_again_over_rubble(&mut self) {
        self.kill();
        // The platform's own list of objects lies beside them.
        let is_objects =
            |file: &PathBuf| !file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("metadata"));
        let stored: Vec<_> = self.stored().into_iter().filter(is_objects).collect();
        assert!(!stored.is_empty(), "something was stored");
        for file in stored {
            fs::write(file, "no database".repeat(1_000)).unwrap();
        }
        self.start_again().await;
    }

    /// The same, with another configuration.
    pub(crate) async fn kill_and_start_again_with(&mut self, settings: &Settings) {
        self.kill();
        configure(settings, &self.folder);
        self.start_again().await;
    }

    fn kill(&mut self) {
        let kill =
            Command::new("sh").args(["-c", r#"kill -s KILL -- "-$1""#, "kill", &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        self.child.wait().unwrap();
    }

    async fn start_again(&mut self) {
        fs::remove_file(self.folder.join(LOG)).unwrap();
        let Guarded { child, group } = Group::start(&wrangler(&self.folder), None).unwrap();
        self.child = child;
        self.groups.insert(0, group);
        self.origin = until("wrangler is ready again", async || origin(&self.folder, &mut self.child)).await;
    }

    /// A request that no redirect is followed for.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let client = Client::builder().redirect(Policy::none()).timeout(ANSWER_DEADLINE).build().unwrap();
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
        timeout(ANSWER_DEADLINE, stream.read_to_string(&mut response)).await.expect(target).unwrap();
        response
    }

    /// Has the cron job run, and answers when it has.
    pub(crate) async fn run_cron(&self) {
        let answer = self.get("/cdn-cgi/local/scheduled").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", self.output());
    }

    /// What wrangler and the Worker have written so far.
    pub(crate) fn output(&self) -> String {
        fs::read_to_string(self.folder.join(LOG)).unwrap()
    }

    /// The files that keep what the Worker has stored.
    fn stored(&self) -> Vec<PathBuf> {
        let state = self.folder.join(STATE);
        files(&state).into_iter().filter(|file| file.starts_with(state.join("v3/do"))).collect()
    }

    /// Every file that keeps what the Worker has stored, and those that keep what the platform has.
    pub(crate) fn state(&self) -> [Vec<Vec<u8>>; 2] {
        let stored = self.stored();
        let rest = files(&self.folder.join(STATE)).into_iter().filter(|file| !stored.contains(file)).collect();
        [stored, rest].map(|files: Vec<_>| files.iter().map(|file| fs::read(file).unwrap()).collect())
    }
}

impl Settings {
    /// What `cargo xtask build` calls the build.
    fn build(&self) -> &'static str {
        if self.dev_build { "test-dev" } else { "test" }
    }
}

/// A Worker that is older than its sources would be tested in vain.
fn expect_built(build: &str) {
    let root = Path::new(ROOT);
    let sources = ["src", "player", "crates/browser-run-api/src"].map(|folder| newest(&root.join(folder)));
    let built = fs::metadata(root.join("build").join(build).join("index.js")).and_then(|file| file.modified());
    let is_current = built.is_ok_and(|built| sources.iter().all(|source| *source <= built));
    assert!(
        is_current,
        "build/{build}/ is missing, or older than the Worker's sources: run `cargo xtask build {build}`"
    );
}

/// When a file in a folder was last changed.
fn newest(folder: &Path) -> SystemTime {
    let times = files(folder).into_iter().map(|file| fs::metadata(file).unwrap().modified().unwrap());
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The Worker's configuration and state: the group removes it at its end.
fn folder() -> PathBuf {
    TempDir::with_prefix("devtools-link-e2e-").unwrap().keep()
}

fn wrangler(folder: &Path) -> Command {
    let root = Path::new(ROOT);
    let mut command = Command::new("sh");
    command.args(["-c", r#"exec >"$0" 2>&1 "$@""#, LOG]).current_dir(folder);
    command.arg(root.join("node_modules/.bin/node")).arg(root.join("node_modules/wrangler/bin/wrangler.js"));
    command.args(["dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0", "--persist-to", STATE]);
    for config in CONFIGS.into_iter().filter(|config| folder.join(config).exists()) {
        command.args(["--config", config]);
    }
    // Nothing here needs the internet.
    command.envs([("WRANGLER_SEND_METRICS", "false"), ("CLOUDFLARE_CF_FETCH_ENABLED", "false"), ("CI", "1")]);
    // What it leaves behind goes with the folder.
    command.envs(["HOME", "TMPDIR", "XDG_CONFIG_HOME"].map(|variable| (variable, folder)));
    command.env_remove("CLOUDFLARE_ENV");
    command
}

/// Writes the configuration files. The Worker's own is the project's, except for what `settings` say.
fn configure(settings: &Settings, folder: &Path) {
    let mut config: Table = fs::read_to_string(Path::new(ROOT).join("wrangler.toml")).unwrap().parse().unwrap();
    config.remove("build");
    // wrangler's own stand-in for Browser Run would answer where none is to be.
    config.remove("browser");
    let mut main = Path::new(ROOT).join("build").join(settings.build()).join("index.js");
    if let Some(around) = settings.around {
        let module = around.replace("\"built\"", &format!("{main:?}"));
        main = folder.join("around.js");
        fs::write(&main, module).unwrap();
    }
    config.insert("main".to_owned(), main.to_str().unwrap().into());
    let assets = Path::new(ROOT).join("assets");
    config["assets"].as_table_mut().unwrap().insert("directory".to_owned(), assets.to_str().unwrap().into());
    let variables = config["vars"].as_table_mut().unwrap();
    // The tests' own pages are on this machine, and their clicks come fast.
    variables.extend(toml! {
        ACCESS_OPEN = "true"
        ALLOWED_HOSTS = "*,127.*"
        MAX_SESSIONS_PER_CALLER = "1000"
        MAX_OPENS_PER_MINUTE = "1000"
    });
    variables.extend(settings.variables.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())));
    let secrets = settings.secrets.iter().map(|(name, value)| format!("{name}=\"{value}\"\n"));
    fs::write(folder.join(".dev.vars"), secrets.collect::<String>()).unwrap();
    if let Some((script, variables)) = &settings.binding {
        let services = toml! { services = [{ binding = "BROWSER", service = "browser-run" }] };
        config.extend(services);
        configure_binding(script, variables, &config["compatibility_date"], folder);
    }
    fs::write(folder.join(CONFIGS[0]), config.to_string()).unwrap();
}

fn configure_binding(script: &str, variables: &[(&str, String)], date: &Value, folder: &Path) {
    let file = folder.join(CONFIGS[1]);
    fs::create_dir(file.parent().unwrap()).unwrap();
    fs::write(file.with_file_name("main.js"), script).unwrap();
    let mut config = toml! {
        name = "browser-run"
        main = "main.js"
    };
    config.insert("compatibility_date".to_owned(), date.clone());
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
    config.insert("vars".to_owned(), Value::Table(variables.collect()));
    fs::write(file, config.to_string()).unwrap();
}

/// Where wrangler says that the Worker is.
fn origin(folder: &Path, child: &mut Child) -> Result<String, String> {
    let output = fs::read_to_string(folder.join(LOG)).unwrap_or_default();
    if let Some(status) = child.try_wait().unwrap() {
        panic!("wrangler ended, {status}:\n{output}");
    }
    let ready = output.lines().find_map(|line| line.split_once("Ready on ")).map(|(_, url)| url.trim().to_owned());
    ready.ok_or(output)
}
