//! One Chromium with its guard (see `process-guard`): whatever ends this server ends both, and removes the profile.
//!
//! An orderly stop takes the same way as any other: the guard's pipe ends. Chromium is let go only after its guard knows
//! its process group, so that there is no moment without one.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use process_guard::{Guard, gated};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Split},
    process::{Child, ChildStderr, Command},
    time::timeout,
};
use uuid::Uuid;

use super::{
    devtools::{DevTools, DevToolsError},
    flags::{self, Launch},
    pipe::{FromChromium, Pipe, ToChromium},
};

/// How long Chromium may take from its start to its first answer.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What a guard is called in a list of processes; its profile comes next there.
pub(super) const GUARD_NAME: &str = "browser-run-local";

/// How a profile folder's name starts; eight hexadecimal digits follow. It is short for the sake of [`temporary_folder`].
pub(super) const PROFILE: &str = "browser-run-local-";

/// Where downloads are in a profile.
pub(crate) const DOWNLOADS: &str = "Downloads";

/// What goes before the profile: a folder with its socket, which can be outside it.
const REMOVE_SOCKET: &str = r#"socket=$(readlink "$1/SingletonSocket") \
        && rm -f -- "${socket%/*}"/Singleton* && rmdir -- "${socket%/*}""#;

/// What keeps Chromium from being of use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChromiumError {
    #[error("Chromium could not be started")]
    Start(#[from] io::Error),
    #[error("Chromium ended ({status}) before it could be used; its last line: {last_line}")]
    Died { status: ExitStatus, last_line: String },
    #[error("Chromium was not ready within {} s", READY_WITHIN.as_secs())]
    Slow,
    #[error(transparent)]
    DevTools(#[from] DevToolsError),
}

/// A Chromium of our own: it ends with this value.
#[derive(Debug)]
pub(crate) struct Chromium {
    process: Child,
    guard: Child,
    group: u32,
    profile: PathBuf,
    pipe: Pipe,
}

impl Chromium {
    /// Starts one with a new profile, which may reach the world through this proxy only; it may not be ready yet.
    pub(crate) async fn start(launch: &Launch, proxy: Option<SocketAddr>) -> io::Result<Self> {
        let Launch { program, tmpdir, .. } = launch;
        let profile = tmpdir.join(format!("{PROFILE}{:08x}", Uuid::new_v4().as_fields().0));
        let mut guard = Command::from(guard(&profile)).spawn()?;
        tokio::fs::create_dir(&profile).await?;
        write_preferences(&profile).await?;
        let mut chromium = std::process::Command::new(program);
        chromium.args(flags::all(launch, &profile, proxy)).env("TMPDIR", temporary_folder(tmpdir, &profile));
        let mut gate = gated(&chromium);
        let pipe = Pipe::for_command(&mut gate)?;
        let mut gate = Command::from(gate);
        let mut process = gate.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let group = process.id().expect("it has not been waited for");
        write_line(&mut guard, &group.to_string()).await?;
        write_line(&mut process, "go").await?;
        process.stdin = None;
        Ok(Self { process, guard, group, profile, pipe })
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
        let mut last_line = String::new();
        while let Some(line) = lines.next_segment().await? {
            let line = String::from_utf8_lossy(&line);
            if let Some(url) = line.strip_prefix("DevTools listening on ") {
                return Ok(url.trim().to_owned());
            }
            last_line = line.into_owned();
        }
        Err(ChromiumError::Died { status: self.process.wait().await?, last_line })
    }

    /// The process group of everything that belongs to it.
    pub(crate) fn group(&self) -> u32 {
        self.group
    }

    /// Its folder, which is removed when it ends.
    pub(crate) fn profile(&self) -> &Path {
        &self.profile
    }

    /// CDP by its pipe, for one recorder.
    pub(crate) fn pipe(&self) -> io::Result<(ToChromium, FromChromium)> {
        self.pipe.connect()
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

/// Kills the group at once: there is nothing in a profile that is worth an orderly exit.
fn guard(profile: &Path) -> std::process::Command {
    let guard = Guard { name: GUARD_NAME, grace: Duration::ZERO, folder: Some(profile), before_removal: REMOVE_SOCKET };
    guard.command()
}

/// Where Chromium keeps what it needs for a moment, as shared memory: killed in that moment it leaves a file behind, so
/// that is in the profile, which goes as a whole. Where a socket's path would get too long there, it is beside it.
fn temporary_folder<'a>(tmpdir: &'a Path, profile: &'a Path) -> &'a Path {
    const SOCKET: &str = "/org.chromium.Chromium.XXXXXX/SingletonSocket";
    /// macOS's; Linux has room for four bytes more.
    const LONGEST_PATH: usize = 103;
    if profile.as_os_str().len() + SOCKET.len() <= LONGEST_PATH { profile } else { tmpdir }
}

/// What is downloaded stays in the profile, also where no client has said where it goes.
async fn write_preferences(profile: &Path) -> io::Result<()> {
    let folder = profile.join("Default");
    tokio::fs::create_dir(&folder).await?;
    let preferences = json!({"download": {"default_directory": profile.join(DOWNLOADS)}});
    tokio::fs::write(folder.join("Preferences"), preferences.to_string()).await
}

async fn write_line(child: &mut Child, line: &str) -> io::Result<()> {
    let input = child.stdin.as_mut().expect("it is piped");
    input.write_all(format!("{line}\n").as_bytes()).await
}

/// Keeps Chromium from blocking on a full pipe.
async fn drain(mut lines: Split<BufReader<ChildStderr>>) {
    while let Ok(Some(line)) = lines.next_segment().await {
        tracing::trace!(target: "chromium", "{}", String::from_utf8_lossy(&line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_files_are_in_the_profile_unless_its_path_is_long() {
        let folder = |tmpdir: &str| {
            let (tmpdir, profile) = (PathBuf::from(tmpdir), Path::new(tmpdir).join("browser-run-local-0a1b2c3d"));
            temporary_folder(&tmpdir, &profile) == profile
        };
        assert!(folder("/tmp") && folder("/run/user/1000"));
        assert!(!folder("/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T"), "as on macOS");
    }
}
