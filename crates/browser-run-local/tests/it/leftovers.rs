//! Nothing survives a server, however it ends.

use std::{
    collections::HashSet,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use browser_run_local::Config;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::env::{DEADLINE, Env, PREFIX, TOKEN, until};

/// A line of `ps`.
struct Process {
    group: String,
    command: String,
}

fn processes() -> Vec<Process> {
    let output = Command::new("ps").args(["-axww", "-o", "pgid=,stat=,command="]).output().unwrap();
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let fields = lines.lines().map(|line| line.trim().splitn(3, ' ').map(str::trim).collect::<Vec<_>>());
    // The dead that nobody has buried yet are dead; so are those who die right now, which have no command line any more.
    let is_dead = |fields: &[&str]| fields[1].starts_with('Z') || fields[2].starts_with('[');
    let alive = fields.filter(|fields| fields.len() == 3 && !is_dead(fields));
    alive.map(|fields| Process { group: fields[0].to_owned(), command: fields[2].to_owned() }).collect()
}

/// The process groups of what works for a server with this folder: browsers and guards.
fn groups(tmp: &Path) -> HashSet<String> {
    let tmp = tmp.to_str().unwrap();
    let own = processes().into_iter().filter(|process| process.command.contains(&format!("{tmp}/browser-run-local-")));
    own.map(|process| process.group).collect()
}

/// The process groups of browsers only.
pub(crate) fn browsers(tmp: &Path) -> HashSet<String> {
    let flag = format!("--user-data-dir={}/", tmp.display());
    let own = processes().into_iter().filter(|process| process.command.contains(&flag));
    own.map(|process| process.group).collect()
}

/// What is left of them: processes, and files in the folder.
fn left(tmp: &Path, groups: &HashSet<String>) -> Vec<String> {
    let own = format!("{}/browser-run-local-", tmp.display());
    let is_left = |process: &Process| groups.contains(&process.group) || process.command.contains(&own);
    let processes = processes().into_iter().filter(is_left).map(|process| process.command);
    let files = fs::read_dir(tmp).unwrap().map(|entry| entry.unwrap().path().display().to_string());
    processes.chain(files).collect()
}

/// Waits until nothing is left.
async fn until_clean(tmp: &Path, groups: &HashSet<String>) {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let left = left(tmp, groups);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "still there: {left:#?}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// A server of one's own with one session.
async fn env(tmp: &TempDir) -> (Env, String) {
    let env = Env::with(Config { tmpdir: tmp.path().to_owned(), ..Config::new(TOKEN) }).await;
    let session = env.acquire("").await;
    (env, session)
}

/// The real program with two sessions.
async fn program() -> (Child, TempDir) {
    let tmp = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_browser-run-local"))
        .args(["--port", "0"])
        .env("BROWSER_RUN_LOCAL_TOKEN", TOKEN)
        .env("TMPDIR", tmp.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    for _ in 0..2 {
        let acquired = reqwest::Client::new().post(format!("{url}{PREFIX}/browser")).bearer_auth(TOKEN).send().await;
        assert_eq!(acquired.unwrap().status(), 200);
    }
    (program, tmp)
}

#[tokio::test]
async fn a_killed_program_leaves_nothing_behind() {
    let (mut program, tmp) = program().await;
    let groups = groups(tmp.path());
    assert_eq!(groups.len(), 4, "two browsers, two guards");
    assert!(fs::read_dir(tmp.path()).unwrap().count() >= 2, "two profiles, their sockets");
    program.kill().unwrap();
    program.wait().unwrap();
    until_clean(tmp.path(), &groups).await;
}

#[tokio::test]
async fn a_program_told_to_stop_leaves_nothing_behind() {
    for signal in ["TERM", "INT"] {
        let (mut program, tmp) = program().await;
        let groups = groups(tmp.path());
        let pid = program.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        let status = until("it ends", async || program.try_wait().unwrap()).await;
        assert!(status.success(), "{signal}: {status}");
        assert_eq!(left(tmp.path(), &groups), [""; 0], "{signal}");
    }
}

#[tokio::test]
async fn a_stopped_server_leaves_nothing_behind() {
    let tmp = tempfile::tempdir().unwrap();
    let (env, _) = env(&tmp).await;
    let groups = groups(tmp.path());
    env.stop().await;
    assert_eq!(left(tmp.path(), &groups), [""; 0]);
}

#[tokio::test]
async fn a_dropped_server_leaves_nothing_behind() {
    let tmp = tempfile::tempdir().unwrap();
    let (env, _) = env(&tmp).await;
    let groups = groups(tmp.path());
    drop(env);
    until_clean(tmp.path(), &groups).await;
}

#[tokio::test]
async fn a_closed_session_leaves_nothing_behind() {
    let tmp = tempfile::tempdir().unwrap();
    let (env, session) = env(&tmp).await;
    let groups = groups(tmp.path());
    assert_eq!(groups.len(), 2, "a browser, a guard");
    env.ok("DELETE", &format!("/browser/{session}")).await;
    until_clean(tmp.path(), &groups).await;
}

#[test]
fn the_program_without_chromium_says_what_to_do() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_browser-run-local"));
        let output = command.args(arguments).env_remove("BROWSER_RUN_LOCAL_TOKEN").output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = run(&["--port", "0", "--token", "t", "--chromium", "/no/such/chromium"]);
    assert!(said.contains("/no/such/chromium is not a program"), "{said}");
}
