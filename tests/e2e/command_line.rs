//! `devtools-link`, the command line, with the Worker: a browser opened, listed and closed, a signed link made and revoked.

use std::process::{Command, Output};

use cdp_client::Cdp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    environment::{guarded, site},
    people::{answer, token_of},
    until::until,
    worker::Worker,
};

/// As in `cargo test --workspace`, which has built it: it is beside this test's own folder.
fn run(worker: &Worker, arguments: &[&str]) -> Output {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("devtools-link");
    assert!(program.exists(), "{} is missing: cargo build --package devtools-link-cli", program.display());
    let mut command = Command::new(program);
    command.env("DEVTOOLS_LINK_URL", &worker.origin).env("DEVTOOLS_LINK_TOKEN", token_of("zoe"));
    command.args(arguments).output().unwrap()
}

/// What it printed.
fn said(worker: &Worker, arguments: &[&str]) -> String {
    let output = run(worker, arguments);
    let [stdout, stderr] = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
    assert!(output.status.success(), "{stderr}");
    stdout.trim_end().to_owned()
}

#[tokio::test]
async fn the_command_line_opens_lists_and_closes_a_browser_and_makes_and_revokes_a_link() {
    let (worker, site) = (&guarded().await.worker, site().await);
    let url = format!("{}/command-line", site.origin);
    let opened = run(worker, &["open", "--no-browser", "--recording", &url]);
    let [link, told] =
        [opened.stdout, opened.stderr].map(|said| String::from_utf8(said).unwrap().trim_end().to_owned());
    let permalink = told.rsplit_once(' ').unwrap().1.to_owned();
    // Of less than a second there is no recording.
    let mut tab = Cdp::behind(&link).await.unwrap();
    tab.until(&format!("location.href == '{url}' && performance.now() > 1200"), &json!(true)).await;
    let listed = said(worker, &["ls"]);
    let (session, rest) = listed.split_once("  ").unwrap();
    assert!(listed.lines().count() == 1 && rest.ends_with(&url), "{listed}");
    said(worker, &["close", session]);
    assert_eq!(said(worker, &["ls"]), "");
    assert!(said(worker, &["ls", "--all"]).ends_with("(ended)"));
    let har = until("the recording is there", async || {
        let output = run(worker, &["har", &permalink]);
        if output.status.success() { Ok(output.stdout) } else { Err(String::from_utf8(output.stderr).unwrap()) }
    });
    let har: Value = serde_json::from_slice(&har.await).unwrap();
    assert_eq!(har["log"]["version"], "1.2", "{har}");

    let link = said(worker, &["link", &url, "--max-opens", "1", "--minutes", "60", "--note", "for Zoe"]);
    let listed = said(worker, &["links"]);
    assert!(listed.contains("  0/1  ") && listed.ends_with("\"for Zoe\""), "{listed}");
    said(worker, &["revoke", listed.split_once(' ').unwrap().0]);
    assert!(said(worker, &["links"]).contains("  revoked  "));
    let path = link.strip_prefix(&worker.origin).unwrap();
    answer(worker.request(Method::GET, path)).await.problem(410, "link-revoked");

    let refused = run(worker, &["open", "--no-browser", "https://elsewhere.example/"]);
    let complaint = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && complaint.contains("elsewhere.example"), "{complaint}");
}
