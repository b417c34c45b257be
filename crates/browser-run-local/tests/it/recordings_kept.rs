//! When a recording is there, for how long, and how much of it.

use std::{fs, path::Path, process::Command, time::Duration};

use browser_run_local::Config;
use reqwest::StatusCode;
use serde_json::json;

use crate::{
    env::{DEADLINE, Env, PREFIX, TOKEN, answer, message, text, until},
    program,
    recorded::{RECORDINGS, Site, config, only_target, start, until_recorded},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn a_recording_is_there_once_its_session_has_ended() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, _page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "A page of text").await;
    let (status, body) = env.recording_now(&session).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "while it lives");
    assert!(message(&body).starts_with("No such recording"), "{body}");
    let recording = env.end_recorded(&session).await;

    let elsewhere = format!("/accounts/acc/browser-rendering/recording/{session}");
    let (status, body) = answer(env.request_at("GET", &elsewhere).bearer_auth(TOKEN)).await;
    assert_eq!((status, &body["success"], &body["result"]), (StatusCode::OK, &json!(true), &recording));
    let (status, _) = answer(env.request_at("GET", &elsewhere)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    for (path, wanted) in [
        ("00000000-0000-0000-0000-000000000000".to_owned(), StatusCode::NOT_FOUND),
        ("..".to_owned(), StatusCode::NOT_FOUND),
        (format!("{session}/network"), StatusCode::BAD_REQUEST),
        (format!("{session}/network?target=other"), StatusCode::NOT_FOUND),
        (format!("{session}/network?target={}&format=xml", only_target(&recording).0), StatusCode::BAD_REQUEST),
    ] {
        let (status, body) = env.recording_now(&path).await;
        assert_eq!(status, wanted, "{path}: {body}");
    }
}

#[tokio::test]
async fn only_sessions_that_ask_for_it_are_recorded() {
    let (env, folder) = start().await;
    let (plain, recorded) = (env.acquire("").await, env.acquire("?recording=true").await);
    let (_, status) = answer(env.request_at("GET", "/status").bearer_auth(TOKEN)).await;
    let is_recorded = |id: &str| {
        let sessions = status["sessions"].as_array().unwrap();
        sessions.iter().find(|session| session["sessionId"] == id).unwrap()["recording"].clone()
    };
    assert_eq!((is_recorded(&plain), is_recorded(&recorded)), (json!(false), json!(true)));
    env.server.advance(Duration::from_secs(2));
    env.stop().await;
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [recorded.as_str()]);
}

#[tokio::test]
async fn recordings_survive_the_server_for_thirty_days() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, _page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "A page of text").await;
    env.server.advance(Duration::from_secs(2));
    // Its end ends the session, too.
    env.stop().await;

    let env = Env::with(config(folder.path())).await;
    let recording = env.recording(&session).await;
    assert!(recording.to_string().contains("A page of text"));
    assert_eq!(env.requests_of(&recording, "json").await[0]["url"], format!("{}/", site.url));
    env.server.advance(DAY * 30 - Duration::from_secs(60));
    assert_eq!(env.recording_now(&session).await.0, StatusCode::OK);
    env.server.advance(Duration::from_secs(120));
    assert_eq!(env.recording_now(&session).await.0, StatusCode::NOT_FOUND);
    let (next, _) = env.record(&site.url).await;
    env.end_recorded(&next).await;
    until("it is removed with the next", async || (!folder.path().join(&session).exists()).then_some(())).await;
}

#[tokio::test]
async fn what_a_killed_server_has_recorded_is_there_in_the_next() {
    let (tmp, folder, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Site::start().await);
    let arguments = ["--rrweb", "--recordings"];
    let values = [config(folder.path()).rrweb.unwrap(), folder.path().to_owned()];
    let arguments: Vec<_> =
        arguments.iter().zip(&values).flat_map(|(flag, value)| [*flag, value.to_str().unwrap()]).collect();
    let (mut killed, said) = program::start(&arguments, tmp.path());
    let devtools = format!("{}{PREFIX}", said[0].strip_prefix("listening on ").unwrap());
    let client = reqwest::Client::new();
    let acquired = client.post(format!("{devtools}/browser?recording=true")).bearer_auth(TOKEN);
    let session = text(&answer(acquired).await.1["sessionId"]);
    let tab = client.put(format!("{devtools}/browser/{session}/json/new?url={}%2Ftab", site.url)).bearer_auth(TOKEN);
    let tab = text(&answer(tab).await.1["id"]);
    let events = folder.path().join(&session).join(format!("0001-{tab}.events"));
    until("it has recorded for a second", async || {
        let metadata = fs::metadata(&events).ok().filter(|metadata| metadata.len() > 500)?;
        (metadata.modified().ok()?.elapsed().ok()? > Duration::from_millis(1_200)).then_some(())
    })
    .await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    // In the middle of a line.
    append(&events, "{\"type\":3,\"da");
    // Its last event was a second after its first.
    assert!(Command::new("touch").arg(&events).status().unwrap().success());

    let env = Env::with(config(folder.path())).await;
    let recording = env.recording(&session).await;
    assert!(recording["events"][&tab].to_string().contains("This is /tab"), "{recording}");
}

fn append(path: &Path, text: &str) {
    use std::io::Write as _;
    fs::File::options().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

#[tokio::test]
async fn the_oldest_recordings_make_room_for_the_newest() {
    let folder = tempfile::tempdir().unwrap();
    let env = Env::with(Config { recordings_max: 1, ..config(folder.path()) }).await;
    let site = Site::start().await;
    let fill = "document.body.append('x'.repeat(600_000))";
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let (session, mut page) = env.record(&site.url).await;
        page.evaluate(fill).await;
        until_recorded(&folder, &session, "events", "xxxx").await;
        let recording = env.end_recorded(&session).await;
        assert!(recording.to_string().len() > 600_000);
        sessions.push(session);
    }
    assert_eq!(env.recording_now(&sessions[0]).await.0, StatusCode::NOT_FOUND, "it made room");

    // One alone may not take more either: it stops.
    let (session, mut page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "A page of text").await;
    page.evaluate(fill).await;
    until_recorded(&folder, &session, "events", "xxxx").await;
    page.evaluate(fill).await;
    let recording = env.end_recorded(&session).await;
    let length = recording.to_string().len();
    assert!((600_000..1_000_000).contains(&length), "{length}");
}

#[tokio::test]
async fn nothing_is_recorded_after_two_hours() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let session = env.acquire("?recording=true&keep_alive=1200000").await;
    let mut page = cdp_client::Cdp::link(&env.page(&session).await["webSocketDebuggerUrl"]).await.unwrap();
    page.call("Page.navigate", json!({"url": site.url})).await;
    page.until("document.readyState == 'complete' && location.href != 'about:blank'", &json!(true)).await;
    until_recorded(&folder, &session, "events", "A page of text").await;
    for _ in 0..8 {
        env.server.advance(Duration::from_secs(15 * 60));
        page.evaluate("1").await;
    }
    page.evaluate("document.body.append('too late')").await;
    let recording = env.end_recorded(&session).await;
    assert!(recording.to_string().contains("A page of text") && !recording.to_string().contains("too late"));
    assert_eq!(recording["duration"], 2 * 60 * 60 * 1_000);
}

#[tokio::test]
async fn without_rrweb_a_caller_is_told_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let rrweb = Some(folder.path().join("rrweb.js"));
    let env = Env::with(Config { rrweb, ..config(folder.path()) }).await;
    let (status, body) = env.call("POST", "/browser?recording=true").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    assert!(message(&body).contains("npm install @rrweb/record") && message(&body).contains("--rrweb"), "{body}");
    assert_eq!(env.ok("GET", "/session").await, json!([]), "no browser was started for it");
    env.acquire("").await;
}

#[tokio::test]
async fn a_websocket_acquires_a_recorded_session_too() {
    let (env, _folder) = start().await;
    let mut browser = env.cdp("/browser?recording=true").await;
    let session = text(&browser.call("Cloudflare.getSessionId", json!({})).await["sessionId"]);
    env.end_recorded(&session).await;
    let mut binding = env.request_at("POST", "/v1/devtools/browser?recording=true").bearer_auth(TOKEN);
    binding = binding.timeout(DEADLINE * 3);
    let session = text(&answer(binding).await.1["sessionId"]);
    env.end_recorded(&session).await;
    assert_eq!(env.recording_now(&session).await.0, StatusCode::OK, "at {RECORDINGS}");
}
