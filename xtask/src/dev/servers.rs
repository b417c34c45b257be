//! Browser Run on this machine, and the Worker under `wrangler dev`.

use std::{
    env,
    fs::{DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc::Sender,
    thread,
};

use anyhow::{Context, Result};

use process_guard::{Group, Guarded};

use super::{
    Event,
    wiring::{Wiring, random_hex},
};
use crate::{
    build::{self, Build},
    project,
    run::command,
};

pub(super) struct Servers {
    browser_run: Server,
    worker: Server,
    /// What both keep for as long as this runs; the Worker's guard removes it.
    folder: PathBuf,
}

impl Servers {
    pub(super) fn start(wiring: &Wiring, events: &Sender<Event>) -> Result<Self> {
        let folder = private_folder()?;
        let worker = worker(wiring, &folder)?;
        Ok(Self {
            browser_run: Server::start("browser-run-local", &browser_run(wiring, &folder)?, None, events)?,
            worker: Server::start("wrangler dev", &worker, Some(&folder), events)?,
            folder,
        })
    }

    /// Replaces it by what was built last, on the same port.
    pub(super) fn restart_browser_run(&mut self, wiring: &Wiring, events: &Sender<Event>) -> Result<()> {
        self.browser_run.group = None;
        self.browser_run = Server::start("browser-run-local", &browser_run(wiring, &self.folder)?, None, events)?;
        eprintln!("browser-run-local was rebuilt, and restarted on port {}", wiring.browser_run_port);
        Ok(())
    }

    pub(super) fn has(&self, pid: u32) -> bool {
        [&self.browser_run, &self.worker].iter().any(|server| server.pid == pid)
    }
}

struct Server {
    pid: u32,
    /// Dropped, the server has ended.
    group: Option<Group>,
}

impl Server {
    fn start(name: &'static str, command: &Command, folder: Option<&Path>, events: &Sender<Event>) -> Result<Self> {
        let Guarded { mut child, group } = Group::start(command, folder)?;
        let (pid, events) = (child.id(), events.clone());
        thread::spawn(move || child.wait().map(|status| events.send(Event::Exited { name, pid, status })));
        Ok(Self { pid, group: Some(group) })
    }
}

fn browser_run(wiring: &Wiring, folder: &Path) -> Result<Command> {
    let mut command = command(project::program("browser-run-local")?);
    command.args(["--host", "127.0.0.1", "--port", &wiring.browser_run_port.to_string()]);
    command.arg("--rrweb").arg(project::rrweb()).arg("--recordings").arg(folder.join("recordings"));
    command.env("BROWSER_RUN_LOCAL_TOKEN", &wiring.token);
    Ok(command)
}

/// Given `--env-file`, wrangler reads neither `.dev.vars` nor `.env`: a real API token in there stays where it
/// is. The Durable Objects' state lasts as long as the browsers that it tells of, that is, one run.
fn worker(wiring: &Wiring, folder: &Path) -> Result<Command> {
    let env_file = folder.join("variables.env");
    let mut wrangler = command(project::npm_tool("wrangler"));
    wrangler.arg("dev").arg(Build::Dev.folder().join("index.js")).args([
        "--port",
        &wiring.port.to_string(),
        "--inspector-port",
        "0",
    ]);
    wrangler.arg("--env-file").arg(&env_file).arg("--persist-to").arg(folder.join("state"));
    wrangler.env("CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV", "true").env("CLOUDFLARE_INCLUDE_PROCESS_ENV", "false");
    wrangler.env(build::FOR, "dev");
    // Nothing here needs the internet, or leaves a log behind.
    wrangler.env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    wrangler.env("WRANGLER_SEND_METRICS", "false").env("WRANGLER_LOG_PATH", folder).env_remove("CLOUDFLARE_ENV");

    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(env_file)?;
    for (name, value) in wiring.variables() {
        writeln!(file, "{name}=\"{value}\"")?;
        wrangler.env_remove(name);
    }
    Ok(wrangler)
}

fn private_folder() -> Result<PathBuf> {
    let folder = env::temp_dir().join(format!("devtools-link-{}", &random_hex()?[..16]));
    DirBuilder::new().mode(0o700).create(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
