//! Chromium processes, and the guards that see to it that nothing survives this server.
//!
//! Only this file starts processes. Each Chromium leads its own process group and has a guard: a shell that holds the
//! other end of a pipe of ours, and at the pipe's end kills the group and removes the profile. The pipe ends however
//! this server ends, SIGKILL included, so that an orderly stop is the same path as any other. Chromium itself waits
//! behind a gate until its guard knows the group: there is no moment in which it runs unguarded.

use std::{
    ffi::OsString,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Split},
    process::{Child, ChildStderr, Command},
    time::timeout,
};
use uuid::Uuid;

use crate::devtools::{DevTools, DevToolsError};

/// How long Chromium may take from its start to its first answer.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How a profile folder's name starts; eight hexadecimal digits follow. It is short for the sake of [`temporary_folder`].
pub(crate) const PROFILE: &str = "browser-run-local-";

/// Becomes its arguments when it is told to, ends without doing anything when nobody is there any more to tell.
const GATE: &str = r#"read -r _ && exec "$@" </dev/null"#;

/// Its input is the group's id and then silence until this server ends. The profile names a folder with a socket, which
/// can be outside it. Dying processes may still write: the profile has to stay gone.
const GUARD: &str = r#"trap '' HUP INT TERM
read -r group
while read -r _; do :; done
for attempt in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
    [ -z "$group" ] || kill -s KILL -- "-$group"
    socket=$(readlink "$1/SingletonSocket") && rm -f -- "${socket%/*}"/Singleton* && rmdir -- "${socket%/*}"
    rm -rf -- "$1"
    sleep 0.1
    [ -e "$1" ] || exit 0
done"#;

/// What keeps Chromium from being of use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChromiumError {
    #[error("Chromium could not be started")]
    Start(#[from] io::Error),
    #[error("Chromium ended ({status}) before it could be used; its last words: {last_words}")]
    Died { status: ExitStatus, last_words: String },
    #[error("Chromium was not ready within {} s", READY_WITHIN.as_secs())]
    Slow,
    #[error(transparent)]
    DevTools(#[from] DevToolsError),
}

/// How Chromium is started.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    /// Where profiles are.
    pub(crate) tmpdir: PathBuf,
    /// Whether its sandbox is left out.
    pub(crate) no_sandbox: bool,
}

/// A Chromium of our own: it ends with this value.
#[derive(Debug)]
pub(crate) struct Chromium {
    process: Child,
    guard: Child,
    group: u32,
}

impl Chromium {
    /// Starts one with a new profile, which may reach the world through this proxy only; it may not be ready yet.
    pub(crate) async fn start(launch: &Launch, proxy: Option<SocketAddr>) -> io::Result<Self> {
        let Launch { program, tmpdir, .. } = launch;
        let profile = tmpdir.join(format!("{PROFILE}{:08x}", Uuid::new_v4().as_fields().0));
        let mut guard = shell(GUARD).arg(&profile).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        tokio::fs::create_dir(&profile).await?;
        let mut process = shell(GATE)
            .arg(program)
            .args(arguments(launch, &profile, proxy))
            .env("TMPDIR", temporary_folder(tmpdir, &profile))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let group = process.id().expect("it has not been waited for");
        write_line(&mut guard, &group.to_string()).await?;
        write_line(&mut process, "go").await?;
        process.stdin = None;
        Ok(Self { process, guard, group })
    }

    /// Waits until it answers.
    pub(crate) async fn ready(&mut self) -> Result<DevTools, ChromiumError> {
        timeout(READY_WITHIN, async {
            let stderr = self.process.stderr.take().expect("it is piped and taken once");
            let mut lines = BufReader::new(stderr).split(b'\n');
            let url = self.listening(&mut lines).await?;
            tokio::spawn(drain(lines));
            Ok(DevTools::probe(&url).await?)
        })
        .await
        .unwrap_or(Err(ChromiumError::Slow))
    }

    /// The URL in `DevTools listening on ws://127.0.0.1:41234/devtools/browser/…`.
    async fn listening(&mut self, lines: &mut Split<BufReader<ChildStderr>>) -> Result<String, ChromiumError> {
        let mut last_words = String::new();
        while let Some(line) = lines.next_segment().await? {
            let line = String::from_utf8_lossy(&line);
            if let Some(url) = line.strip_prefix("DevTools listening on ") {
                return Ok(url.trim().to_owned());
            }
            last_words = line.into_owned();
        }
        Err(ChromiumError::Died { status: self.process.wait().await?, last_words })
    }

    /// The process group of everything that belongs to it.
    pub(crate) fn group(&self) -> u32 {
        self.group
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Waits until it ends by itself.
    pub(crate) async fn exited(&mut self) -> io::Result<ExitStatus> {
        self.process.wait().await
    }

    /// Ends it, and returns when neither a process nor the profile is left.
    pub(crate) async fn stop(mut self) {
        self.guard.stdin = None;
        let guard = self.guard.wait().await;
        // Dead already, unless somebody killed the guard.
        let _ = self.process.start_kill();
        if let Err(error) = guard.and(self.process.wait().await) {
            tracing::warn!(%error, "cannot wait for a process");
        }
    }
}

/// Where Chromium keeps what it needs for a moment, as shared memory: killed in that moment it leaves a file behind, so
/// that is in the profile, which goes as a whole. Where a socket's path would get too long there, it is beside it.
fn temporary_folder<'a>(tmpdir: &'a Path, profile: &'a Path) -> &'a Path {
    const SOCKET: &str = "/org.chromium.Chromium.XXXXXX/SingletonSocket";
    /// macOS's; Linux has room for four bytes more.
    const LONGEST_PATH: usize = 103;
    if profile.as_os_str().len() + SOCKET.len() <= LONGEST_PATH { profile } else { tmpdir }
}

/// A script in a process group of its own, with a pipe for its input.
fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, "browser-run-local"]).stdin(Stdio::piped()).process_group(0);
    command
}

async fn write_line(child: &mut Child, line: &str) -> io::Result<()> {
    let input = child.stdin.as_mut().expect("it is piped");
    input.write_all(format!("{line}\n").as_bytes()).await
}

/// Every process as `ps` lists it, where there is no `/proc`; nothing where it is not there either.
pub(crate) fn ps() -> String {
    let output = std::process::Command::new("ps").args(["-axww", "-o", "pid=,pgid=,rss=,stat=,command="]).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

/// Keeps Chromium from blocking on a full pipe.
async fn drain(mut lines: Split<BufReader<ChildStderr>>) {
    while let Ok(Some(line)) = lines.next_segment().await {
        tracing::trace!(target: "chromium", "{}", String::from_utf8_lossy(&line));
    }
}

/// Leaves a browser with guardrails no other way out than its proxy.
const BEHIND_A_PROXY: [&str; 6] = [
    // This machine's own servers are hosts like any other.
    "--proxy-bypass-list=<-loopback>",
    "--disable-quic",
    // Its name differs between versions.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    // The proxy resolves names, after the policy has been asked.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

fn arguments(launch: &Launch, profile: &Path, proxy: Option<SocketAddr>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = [
        "--headless=new",
        "--remote-debugging-port=0",
        // The first page is opened by us, so that it is there when we say so.
        "--no-startup-window",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-sync",
        "--disable-search-engine-choice-screen",
        // Crash handlers leave the process group.
        "--disable-breakpad",
        "--disable-crash-reporter",
        // Containers have a tiny /dev/shm.
        "--disable-dev-shm-usage",
        // Tabs are looked at through CDP: none of them is ever in the background.
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        // What people look at, unless a client sets a viewport of its own.
        "--window-size=1280,800",
        "--mute-audio",
        "--password-store=basic",
        "--use-mock-keychain",
    ]
    .map(OsString::from)
    .into();
    // Chromium refuses to run its sandbox as root.
    if launch.no_sandbox || rustix::process::geteuid().is_root() {
        arguments.push("--no-sandbox".into());
    }
    if let Some(proxy) = proxy {
        arguments.push(format!("--proxy-server=http://{proxy}").into());
        arguments.extend(BEHIND_A_PROXY.map(OsString::from));
    }
    let mut data_dir = OsString::from("--user-data-dir=");
    data_dir.push(profile);
    arguments.push(data_dir);
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_chromium_needs_for_a_moment_is_in_its_profile_unless_that_has_a_long_path() {
        let folder = |tmpdir: &str| {
            let (tmpdir, profile) = (PathBuf::from(tmpdir), Path::new(tmpdir).join("browser-run-local-0a1b2c3d"));
            temporary_folder(&tmpdir, &profile) == profile
        };
        assert!(folder("/tmp") && folder("/run/user/1000"));
        assert!(!folder("/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T"), "as on macOS");
    }
}
