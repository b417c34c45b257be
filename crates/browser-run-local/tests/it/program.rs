//! The program: its flags, its log, what it uses, what it finds when it starts.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use browser_run_local::Config;
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;

use crate::{
    env::{Env, PREFIX, TOKEN, answer, until},
    leftovers::browsers,
};

/// The program with these flags, and what it says first.
pub(crate) fn start(flags: &[&str], tmp: &Path) -> (Child, Vec<String>) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_browser-run-local"))
        .args(["--port", "0"])
        .args(flags)
        .env("BROWSER_RUN_LOCAL_TOKEN", TOKEN)
        // These are everybody's, and none of this program's business.
        .envs([("HOST", "nobody"), ("PORT", "-1"), ("TOKEN", "another"), ("PLAN", "gold")])
        .env("TMPDIR", tmp)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.as_mut().unwrap()).lines();
    let expected = if flags.contains(&"--admin-port") { 2 } else { 1 };
    let said = (0..expected).map(|_| lines.next().unwrap().unwrap()).collect();
    (program, said)
}

fn stop(mut program: Child) -> String {
    assert!(Command::new("kill").arg(program.id().to_string()).status().unwrap().success());
    let mut log = String::new();
    program.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(program.wait().unwrap().success());
    log
}

#[tokio::test]
async fn the_log_is_json_on_request_and_holds_no_secrets() {
    let tmp = tempfile::tempdir().unwrap();
    let (program, said) = start(&["--log-format", "json"], tmp.path());
    let api = format!("{}{PREFIX}", said[0].strip_prefix("listening on ").unwrap());
    let client = reqwest::Client::new();
    let (_, acquired) = answer(client.post(format!("{api}/browser?targets=true")).bearer_auth(TOKEN)).await;
    let link = acquired["targets"][0]["devtoolsFrontendUrl"].as_str().unwrap();
    assert_eq!(reqwest::get(link).await.unwrap().status(), StatusCode::OK);
    let session = acquired["sessionId"].as_str().unwrap();
    client.delete(format!("{api}/browser/{session}")).bearer_auth(TOKEN).send().await.unwrap();

    let log = stop(program);
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let event = |message: &str| {
        let found = events.iter().find(|event| event["message"] == message && event["session"] == session);
        found.unwrap_or_else(|| panic!("{message} in {log}"))
    };
    assert!(event("session started")["ms"].is_u64());
    assert_eq!(event("session ended")["reason"], "NormalClosure");
    assert!(event("browser stops")["processes"].as_u64().unwrap() >= 3, "{log}");
    assert!(!log.contains(TOKEN) && !log.contains("jwt="), "{log}");
}

#[test]
fn the_program_without_a_token_makes_one_and_prints_a_line_to_try() {
    let tmp = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_browser-run-local"))
        .args(["--port", "0"])
        .env_remove("BROWSER_RUN_LOCAL_TOKEN")
        .env("TMPDIR", tmp.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
    let said: Vec<_> = lines.by_ref().take(3).collect();
    let token = said[1].rsplit_once(": ").unwrap().1;
    let line = said[2].strip_prefix("try it: ").unwrap();
    assert!(said[1].starts_with("token") && token.len() == 32 && line.contains(token), "{said:?}");
    let answer = Command::new("sh").args(["-c", line]).output().unwrap();
    let acquired: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(acquired["targets"][0]["url"], "about:blank", "{acquired}");
    let log = stop(program);
    assert!(!log.contains(token), "{log}");
}

#[tokio::test]
async fn faults_come_from_a_file_and_the_admin_port_is_printed() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("faults.json");
    fs::write(&file, r#"[{"on": "GET /session", "status": 418}]"#).unwrap();
    let (program, said) = start(&["--faults", file.to_str().unwrap(), "--admin-port", "0"], tmp.path());
    let url = |line: &str, label: &str| line.strip_prefix(label).unwrap().to_owned();
    let (api, admin) = (url(&said[0], "listening on "), url(&said[1], "admin on "));
    let client = reqwest::Client::new();
    let status = async |url: String| client.get(url).bearer_auth(TOKEN).send().await.unwrap().status().as_u16();
    assert_eq!(status(format!("{api}{PREFIX}/session")).await, 418);
    assert_eq!(status(format!("{api}{PREFIX}/session")).await, 200);
    assert_eq!(status(format!("{admin}/status")).await, 200);
    stop(program);
}

#[test]
fn a_wrong_flag_is_explained() {
    let tmp = tempfile::tempdir().unwrap();
    let broken = tmp.path().join("faults.json");
    fs::write(&broken, r#"[{"on": "*", "staus": 1}]"#).unwrap();
    let broken = broken.to_str().unwrap();
    for (flags, says) in [
        (["--faults", broken], "staus"),
        (["--faults", "/no/such/file"], "No such file"),
        (["--plan", "gold"], "free"),
        (["--domain-set", "nonsense"], "NAME=DOMAIN"),
        (["--domain-set", "x=https://a"], "bare host name"),
    ] {
        let program = env!("CARGO_BIN_EXE_browser-run-local");
        let output = Command::new(program).args(["--token", "t"]).args(flags).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(says), "{flags:?}: {said}");
    }
}

#[tokio::test]
async fn orphans_of_killed_servers_are_removed_at_start() {
    let tmp = tempfile::tempdir().unwrap();
    let alive = Env::with(Config { tmpdir: tmp.path().to_owned(), ..Config::new(TOKEN) }).await;
    let session = alive.acquire("").await;
    let (mut killed, said) = start(&[], tmp.path());
    let api = format!("{}{PREFIX}", said[0].strip_prefix("listening on ").unwrap());
    reqwest::Client::new().post(format!("{api}/browser")).bearer_auth(TOKEN).send().await.unwrap();
    let (guards, profile) = guards_of(killed.id());
    // Everything that could have tidied up is gone at once.
    for guard in guards {
        assert!(Command::new("kill").args(["-KILL", &guard]).status().unwrap().success());
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(Path::new(&profile).exists());

    let _env = Env::with(Config { tmpdir: tmp.path().to_owned(), ..Config::new(TOKEN) }).await;
    until("nobody uses it", async || {
        let output = Command::new("ps").args(["-axww", "-o", "stat=,command="]).output().unwrap();
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let used = lines.lines().any(|line| !line.starts_with('Z') && line.contains(&profile));
        (!used && !Path::new(&profile).exists()).then_some(())
    })
    .await;
    alive.ok("GET", &format!("/browser/{session}/json/version")).await;
}

/// The guards that a program has started, and the profile of the last.
fn guards_of(program: u32) -> (Vec<String>, String) {
    let output = Command::new("ps").args(["-axww", "-o", "pid=,ppid=,command="]).output().unwrap();
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut guards = Vec::new();
    let mut profile = String::new();
    for line in lines.lines() {
        let fields: Vec<_> = line.split_whitespace().collect();
        let is_child = fields.get(1).is_some_and(|parent| *parent == program.to_string());
        if is_child && line.contains("trap ''") {
            guards.push(fields[0].to_owned());
            profile = fields.last().unwrap().to_string();
        }
    }
    assert!(!guards.is_empty(), "{lines}");
    (guards, profile)
}

#[tokio::test]
async fn the_status_says_what_sessions_use() {
    let env = Env::start().await;
    let session = env.acquire("").await;
    let (status, body) = answer(env.request_at("GET", "/status").bearer_auth(TOKEN)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["sessions"][0]["sessionId"], session.as_str());
    assert!(body["sessions"][0]["processes"].as_u64().unwrap() >= 3, "{body}");
    assert!(body["memoryBytes"].as_u64().unwrap() > 20_000_000, "{body}");
    assert_eq!(env.request_at("GET", "/status").send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn launches_run_in_parallel() {
    let tmp = tempfile::tempdir().unwrap();
    let started = tmp.path().join("started");
    let slow = tmp.path().join("slow-chromium");
    // One that never gets ready: a second one starts only beside it.
    fs::write(&slow, format!("#!/bin/sh\necho started >> {}\nexec sleep 1000\n", started.display())).unwrap();
    fs::set_permissions(&slow, fs::Permissions::from_mode(0o755)).unwrap();
    let env = Env::with(Config { chromium: Some(slow), ..Config::new(TOKEN) }).await;
    let all_started = until("all four are being started", async || {
        let lines = fs::read_to_string(&started).unwrap_or_default().lines().count();
        (lines == 4).then_some(())
    });
    tokio::select! {
        () = all_started => {}
        answers = join_all((0..4).map(|_| env.call("POST", "/browser"))) => panic!("{answers:?}"),
    }
    env.stop().await;
}

#[tokio::test]
async fn warm_browsers_are_handed_out_and_replaced() {
    let tmp = tempfile::tempdir().unwrap();
    let env = Env::with(Config { warm: 2, tmpdir: tmp.path().to_owned(), ..Config::new(TOKEN) }).await;
    let status = async || answer(env.request_at("GET", "/status").bearer_auth(TOKEN)).await.1;
    let both = async || (status().await["warm"] == 2).then_some(());
    until("two are warm", both).await;
    let before = browsers(tmp.path());
    let session = env.acquire("").await;
    let group = status().await["sessions"][0]["processGroup"].to_string();
    assert!(before.contains(&group), "it was there before: {group} of {before:?}");
    assert_eq!(env.page(&session).await["url"], "about:blank");
    until("it is replaced", both).await;
    assert_eq!(env.ok("GET", "/session").await.as_array().unwrap().len(), 1, "a warm one is nobody's session");

    // One that has died meanwhile is not handed out.
    let warm: Vec<_> = browsers(tmp.path()).into_iter().filter(|own| *own != group).collect();
    for group in &warm {
        assert!(Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status().unwrap().success());
    }
    until("they are dead", async || browsers(tmp.path()).is_disjoint(&warm.iter().cloned().collect()).then_some(()))
        .await;
    for _ in 0..2 {
        let session = env.acquire("").await;
        env.ok("GET", &format!("/browser/{session}/json/version")).await;
        env.page(&session).await;
    }
    env.stop().await;
    assert!(fs::read_dir(tmp.path()).unwrap().next().is_none(), "warm ones leave nothing behind either");
}
