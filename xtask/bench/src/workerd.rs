//! A Worker in workerd itself: its configuration, and the process, which dies with this one.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use process_guard::{Group, Guarded};

use crate::{
    http::Connection,
    place::Place,
    process::{Cores, free_addresses},
    storage::Storage,
    wrangler::Wrangler,
};

/// To start, on a machine that may be slow.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two attempts to connect: no less is seen of the first answer's time.
const PAUSE: Duration = Duration::from_millis(1);
const CONFIG: &str = "config.capnp";
const STORAGE: &str = "storage";

/// What runs.
pub(crate) struct Worker {
    /// Of its modules.
    pub(crate) folder: PathBuf,
    /// Those that differ from wrangler.toml's, and secrets.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Whether it has wrangler.toml's Durable Objects.
    pub(crate) has_ledger: bool,
}

pub(crate) struct Workerd {
    /// Dropped first: it ends the child.
    group: Option<Group>,
    child: Child,
    /// Of everything that it reads and writes.
    folder: PathBuf,
    pub(crate) address: SocketAddr,
    pub(crate) inspector: SocketAddr,
    pub(crate) started: Instant,
}

impl Workerd {
    /// Starts a Worker with nothing stored, with an inspector if that is asked for.
    pub(crate) fn start(place: &Place, worker: &Worker, cores: &Cores, inspected: bool) -> Result<Self> {
        Self::start_on(&Storage::default(), place, worker, cores, inspected)
    }

    /// The same with something stored.
    pub(crate) fn start_on(
        stored: &Storage, place: &Place, worker: &Worker, cores: &Cores, inspected: bool,
    ) -> Result<Self> {
        let mut wrangler = Wrangler::read(&place.root)?;
        if !worker.has_ledger {
            wrangler.durable_objects.bindings.clear();
        }
        let folder = tempfile::Builder::new().prefix("workerd-").tempdir_in(&place.scratch)?;
        let modules = modules(&worker.folder)?;
        for file in &modules {
            fs::copy(file, folder.path().join(file_name(file)))?;
        }
        stored.write(&folder.path().join(STORAGE))?;
        let [address, inspector] = free_addresses()?;
        let config = config(&wrangler, &wrangler.variables(&worker.variables), &modules, address);
        fs::write(folder.path().join(CONFIG), config)?;
        let mut command = silenced(&cores.workers(&binary(&place.root)?));
        // What is stored on disk is experimental in workerd; on Cloudflare it is not.
        command.args(["serve", "--experimental", CONFIG]).current_dir(folder.path());
        if inspected {
            command.arg(format!("--inspector-addr={inspector}"));
        }
        // Removed when the group ends, however this process does.
        let folder = folder.keep();
        let Guarded { child, group } = Group::start(&command, Some(&folder))?;
        let started = Instant::now();
        Ok(Self { group: Some(group), child, folder, address, inspector, started })
    }

    /// The first connection that it takes.
    pub(crate) async fn connect(&mut self) -> Result<Connection> {
        loop {
            match Connection::open(self.address).await {
                Ok(connection) => return Ok(connection),
                Err(error) if self.started.elapsed() > PATIENCE => return Err(error.context("workerd does not listen")),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("workerd ended by itself: {status}; what it said is above");
            }
        }
    }

    /// Ends it as a crash would, and takes what it had stored.
    pub(crate) fn stop(mut self) -> Result<Storage> {
        self.child.kill()?;
        self.child.wait()?;
        Storage::read(&self.folder.join(STORAGE))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Workerd {
    fn drop(&mut self) {
        drop(self.group.take());
        // It cannot fail: the child is ours, and nobody else waits for it.
        let _ = self.child.wait();
    }
}

/// The same command without what it prints: a Worker's log is part of what it costs, and nobody reads it here. Errors are
/// printed elsewhere, and stay.
fn silenced(command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", r#"exec "$@" >/dev/null"#, "silenced"]).arg(command.get_program()).args(command.get_args());
    shell
}

/// What the npm package's own command would run: a script of Node's that waits for the same program.
fn binary(root: &Path) -> Result<PathBuf> {
    let packages = root.join("node_modules/@cloudflare");
    let entries = fs::read_dir(&packages).with_context(|| format!("{} is not there", packages.display()))?;
    let mut binaries = entries.filter_map(|entry| Some(entry.ok()?.path().join("bin/workerd")));
    binaries.find(|path| path.is_file()).with_context(|| format!("no workerd below {}", packages.display()))
}

/// The files that a Worker consists of, its main module first.
///
/// # Errors
/// When the folder has no main module.
pub(crate) fn modules(folder: &Path) -> Result<Vec<PathBuf>> {
    let main = folder.join("index.js");
    ensure!(main.is_file(), "{} is missing: is {} a Worker's build?", main.display(), folder.display());
    let files = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut others: Vec<_> = files.filter(|file| *file != main && kind(file).is_some()).collect();
    others.sort();
    others.insert(0, main);
    Ok(others)
}

/// What workerd's configuration calls such a module; `None` of a file that is none.
fn kind(file: &Path) -> Option<&'static str> {
    match file.extension()?.to_str()? {
        "js" => Some("esModule"),
        "wasm" => Some("wasm"),
        _ => None,
    }
}

fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// As `node_modules/workerd/workerd.capnp` describes it. Every address is allowed: the stand-in's is a private one.
fn config(wrangler: &Wrangler, variables: &[(String, String)], modules: &[PathBuf], address: SocketAddr) -> String {
    let objects = &wrangler.durable_objects.bindings;
    let modules = modules.iter().map(|file| {
        let (name, kind) = (quoted(&file_name(file)), kind(file).expect("modules() lists modules"));
        format!("(name = {name}, {kind} = embed {name})")
    });
    let variables =
        variables.iter().map(|(name, value)| format!("(name = {}, text = {})", quoted(name), quoted(value)));
    let bindings = objects.iter().map(|object| {
        format!("(name = {}, durableObjectNamespace = {})", quoted(&object.name), quoted(&object.class_name))
    });
    let classes = objects
        .iter()
        .map(|object| format!("(className = {0}, uniqueKey = {0}, enableSql = true)", quoted(&object.class_name)));
    format!(
        "using Workerd = import \"/workerd/workerd.capnp\";\n\n\
         const config :Workerd.Config = (\n\
         services = [(name = \"main\", worker = .worker),\n\
         (name = \"internet\", network = (allow = [\"public\", \"private\"], tlsOptions = (trustBrowserCas = true))),\n\
         (name = \"storage\", disk = (path = \"{STORAGE}\", writable = true))],\n\
         sockets = [(name = \"http\", address = \"{address}\", http = (), service = \"main\")]);\n\n\
         const worker :Workerd.Worker = (\n\
         modules = [{}],\n\
         compatibilityDate = {},\n\
         compatibilityFlags = [{}],\n\
         bindings = [{}],\n\
         durableObjectNamespaces = [{}],\n\
         durableObjectStorage = (localDisk = \"storage\"));\n",
        list(modules),
        quoted(&wrangler.compatibility_date),
        list(wrangler.compatibility_flags.iter().map(|flag| quoted(flag))),
        list(variables.chain(bindings)),
        list(classes),
    )
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",\n  ")
}

/// A text of Cap'n Proto's own language: <https://capnproto.org/language.html>
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => write!(quoted, "\\x{:02x}", u32::from(c)).expect("a String takes everything"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_text_is_quoted_whatever_it_holds() {
        assert_eq!(quoted("a\"b\\c\nd–"), r#""a\"b\\c\x0ad–""#);
    }

    #[test]
    fn a_silenced_command_prints_its_errors_alone() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "echo a log line; echo an error >&2"]);
        let output = silenced(&command).output().unwrap();
        assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b""[..], &b"an error\n"[..]));
    }

    #[test]
    fn a_workers_modules_are_its_folders_scripts_and_wasm() {
        let folder = TempDir::new().unwrap();
        for name in ["z.js", "index_bg.wasm", "index.js", "notes.md"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("test")).unwrap();
        let names: Vec<_> = modules(folder.path()).unwrap().iter().map(|file| file_name(file)).collect();
        assert_eq!(names, ["index.js", "index_bg.wasm", "z.js"]);
        fs::remove_file(folder.path().join("index.js")).unwrap();
        assert!(modules(folder.path()).unwrap_err().to_string().contains("index.js is missing"));
    }
}
