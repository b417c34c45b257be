//! What each command asks of the Worker, and prints of its answer.

use std::fs;

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, header, method, path, query_param},
};

use crate::cli::{Home, TOKEN};

const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/devtools/browser/1/page/2?jwt=a.b.c";
const PERMALINK: &str = "https://link.example/s/1909cef7-23e8/8E59";

async fn worker(verb: &str, route: &str, body: Option<Value>, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let asked = Mock::given(method(verb)).and(path(route)).and(header("authorization", format!("Bearer {TOKEN}")));
    let asked = match body {
        Some(body) => asked.and(body_json(body)).and(header("content-type", "application/json")),
        None => asked,
    };
    asked.respond_with(answer).expect(1..).mount(&server).await;
    server
}

fn opened() -> ResponseTemplate {
    ResponseTemplate::new(201)
        .set_body_json(json!({"devtools_url": LINK, "permalink": PERMALINK, "session_id": "1909"}))
}

#[tokio::test]
async fn open_sends_what_was_said_and_prints_the_link_as_it_came() {
    let click = json!({"url": "https://example.com/?a=b&c", "mode": "tab", "readonly": true, "keep_alive": 60});
    let server = worker("POST", "/api/sessions", Some(click), opened()).await;
    let line = ["open", "--no-browser", "https://example.com/?a=b&c", "--mode=tab", "--readonly", "--keep-alive=60"];
    let output = Home::new().ask(&server.uri(), &line).await;
    assert_eq!(output.answer(), LINK);
    assert!(output.stderr.contains(PERMALINK), "{output:?}");
}

#[tokio::test]
async fn recording_is_the_workers_default_unless_it_is_said() {
    for (said, recording) in [("--recording", true), ("--recording=true", true), ("--recording=false", false)] {
        let wanted = json!({"url": "https://example.com/", "recording": recording});
        let server = worker("POST", "/api/sessions", Some(wanted.clone()), opened()).await;
        let line = ["open", "--no-browser", said, "https://example.com/"];
        assert_eq!(Home::new().ask(&server.uri(), &line).await.answer(), LINK);

        let made = ResponseTemplate::new(201).set_body_json(json!({"link": "https://link.example/l/abc"}));
        let server = worker("POST", "/api/links", Some(wanted), made).await;
        let line = ["link", said, "https://example.com/"];
        assert_eq!(Home::new().ask(&server.uri(), &line).await.answer(), "https://link.example/l/abc");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn open_starts_the_browser_of_whoever_sits_here() {
    let server = worker("POST", "/api/sessions", Some(json!({"url": "https://example.com/"})), opened()).await;
    let home = Home::new();
    // The program does not wait for it: the pipe does.
    let pipe = home.path().join("started").display().to_string();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    home.install("xdg-open", &format!(r#"echo "$@" >"{pipe}""#));
    assert_eq!(home.ask(&server.uri(), &["open", "https://example.com/"]).await.answer(), LINK);
    assert_eq!(fs::read_to_string(pipe).unwrap(), format!("{LINK}\n"));
}

#[tokio::test]
async fn link_prints_a_signed_link_or_the_whole_answer() {
    let wanted =
        json!({"url": "https://example.com/", "max_opens": 1, "expires_in": 3600, "confirm": true, "note": "#1"});
    let made = json!({"id": "7", "link": "https://link.example/l/abc", "expires_at": "2026-11-27T00:00:00Z"});
    let answer = ResponseTemplate::new(201).set_body_json(made.clone());
    let server = worker("POST", "/api/links", Some(wanted), answer).await;
    let line = ["link", "https://example.com/", "--max-opens=1", "--minutes=60", "--confirm", "--note=#1"];
    let home = Home::new();
    assert_eq!(home.ask(&server.uri(), &line).await.answer(), "https://link.example/l/abc");
    let output = home.ask(&server.uri(), &[&line[..], &["--json"]].concat()).await;
    assert_eq!(serde_json::from_str::<Value>(output.answer()).unwrap(), made);
}

#[tokio::test]
async fn ls_lists_all_parts_of_the_list() {
    let server = MockServer::start().await;
    let session = |number: u32, state: &str| {
        json!({"permalink": format!("https://link.example/s/{number}"), "opened_at": "2026-11-27T08:00:00Z",
            "url": "https://example.com/", "state": state})
    };
    for (offset, answer) in [
        ("0", json!({"sessions": [session(1, "open"), session(2, "closing")], "total": 3, "next_offset": 2})),
        ("2", json!({"sessions": [session(3, "open")], "total": 3})),
    ] {
        let part = Mock::given(method("GET")).and(path("/api/sessions")).and(query_param("state", "open"));
        let part = part.and(query_param("offset", offset));
        part.respond_with(ResponseTemplate::new(200).set_body_json(answer)).expect(2).mount(&server).await;
    }
    let home = Home::new();
    let output = home.ask(&server.uri(), &["ls"]).await;
    let lines: Vec<_> = output.answer().lines().collect();
    assert_eq!(lines[0], "https://link.example/s/1  2026-11-27T08:00:00Z  https://example.com/");
    assert!(lines[1].ends_with("  (closing)") && lines[2].starts_with("https://link.example/s/3"), "{lines:?}");
    let whole: Value = serde_json::from_str(home.ask(&server.uri(), &["ls", "--json"]).await.answer()).unwrap();
    assert_eq!((&whole["total"], whole["sessions"].as_array().unwrap().len()), (&json!(3), 3));
}

#[tokio::test]
async fn close_takes_permalinks_and_leaves_nothing_out_for_one_that_fails() {
    let server = worker("DELETE", "/api/sessions/1909cef7-23e8", None, ResponseTemplate::new(204)).await;
    let output = Home::new().ask(&server.uri(), &["close", "unknown", PERMALINK]).await;
    assert!(output.complaint().contains("404"), "{output:?}");
}

#[tokio::test]
async fn har_is_asked_for_by_a_tabs_permalink() {
    let har = json!({"log": {"version": "1.2", "entries": []}});
    let answer = ResponseTemplate::new(200).set_body_json(har.clone());
    let server = worker("GET", "/api/sessions/1909cef7-23e8/tabs/8E59/har", None, answer).await;
    let output = Home::new().ask(&server.uri(), &["har", PERMALINK]).await;
    assert_eq!(serde_json::from_str::<Value>(output.answer()).unwrap(), har);
    let output = Home::new().ask(&server.uri(), &["har", "https://link.example/s/1909cef7-23e8"]).await;
    assert!(output.complaint().contains("a tab's permalink is wanted"), "{output:?}");
}

#[tokio::test]
async fn revoke_can_close_what_a_link_has_opened() {
    let server = MockServer::start().await;
    let asked = Mock::given(method("DELETE")).and(path("/api/links/7-a")).and(query_param("close", ""));
    asked.respond_with(ResponseTemplate::new(202)).expect(1).mount(&server).await;
    assert_eq!(Home::new().ask(&server.uri(), &["revoke", "7-a", "--close"]).await.answer(), "");
}

#[tokio::test]
async fn links_are_listed_with_what_is_left_of_them() {
    let link = json!({"id": "7", "opens": 1, "max_opens": 3, "expires_at": "2026-11-28T08:00:00Z",
        "url": "https://example.com/", "note": "of a\nbug"});
    let revoked = json!({"id": "8", "opens": 0, "max_opens": 1, "expires_at": "2026-11-28T08:00:00Z",
        "url": "https://example.com/", "revoked_at": "2026-11-27T08:00:00Z"});
    let answer = ResponseTemplate::new(200).set_body_json(json!({"links": [link, revoked]}));
    let server = worker("GET", "/api/links", None, answer).await;
    let output = Home::new().ask(&server.uri(), &["links"]).await;
    let expected =
        "7  1/3  2026-11-28T08:00:00Z  https://example.com/  \"of a\\nbug\"\n8  0/1  revoked  https://example.com/";
    assert_eq!(output.answer(), expected);
}

#[tokio::test]
async fn completions_know_every_command_in_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = Home::new().run(&[], &["completions", shell]).await;
        assert!(["max-opens", "revoke", "keep-alive"].iter().all(|word| output.answer().contains(word)), "{shell}");
    }
}
