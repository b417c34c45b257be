//! The GitHub Action's step, as action.yml has it, with the Worker and a stand-in of GitHub's API: one comment, then the same
//! one edited, and at the end its links revoked.

use std::{
    fs,
    process::{Command, Output},
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::HeaderMap,
    routing::{get, patch},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_partial_json, method, path},
};

use crate::{
    environment::guarded,
    people::{answer, token_of},
    worker::Worker,
};

const GITHUB_TOKEN: &str = "ghs_of-the-job";
const BOT: &str = "github-actions[bot]";

/// A pull request's comments.
#[derive(Clone, Default)]
struct GitHub(Arc<Mutex<Vec<Value>>>);

#[derive(Deserialize)]
struct Part {
    per_page: usize,
    page: usize,
}

impl GitHub {
    /// Where it is. Somebody has passed for us, and others have talked before.
    async fn start(&self) -> String {
        *self.0.lock().unwrap() = (0..120)
            .map(|id| json!({"id": id, "user": {"login": "mallory"}, "body": "<!-- devtools-link [\"7\"] -->"}))
            .collect();
        let router = Router::new()
            .route("/repos/o/r/issues/7/comments", get(list).post(create))
            .route("/repos/o/r/issues/comments/{id}", patch(edit));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router.with_state(self.clone())).into_future());
        url
    }

    /// What was commented by us.
    fn ours(&self) -> Vec<String> {
        let comments = self.0.lock().unwrap();
        let ours = comments.iter().filter(|comment| comment["user"]["login"] == BOT);
        ours.map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }
}

fn expect_token(headers: &HeaderMap) {
    assert_eq!(headers["authorization"], format!("Bearer {GITHUB_TOKEN}"));
}

async fn list(State(github): State<GitHub>, Query(part): Query<Part>, headers: HeaderMap) -> Json<Vec<Value>> {
    expect_token(&headers);
    let comments = github.0.lock().unwrap();
    Json(comments.iter().skip((part.page - 1) * part.per_page).take(part.per_page).cloned().collect())
}

async fn create(State(github): State<GitHub>, headers: HeaderMap, Json(comment): Json<Value>) -> Json<Value> {
    expect_token(&headers);
    let mut comments = github.0.lock().unwrap();
    let id = comments.len();
    comments.push(json!({"id": id, "user": {"login": BOT}, "body": comment["body"]}));
    Json(comments[id].clone())
}

async fn edit(
    State(github): State<GitHub>, Path(id): Path<usize>, headers: HeaderMap, Json(comment): Json<Value>,
) -> Json<Value> {
    expect_token(&headers);
    let mut comments = github.0.lock().unwrap();
    comments[id]["body"] = comment["body"].clone();
    Json(comments[id].clone())
}

/// A pull request that the Action runs for.
struct PullRequest {
    worker: String,
    recording: &'static str,
    github: GitHub,
    github_url: String,
    folder: TempDir,
}

impl PullRequest {
    /// Runs the Action's step, with the variables that action.yml gives it; neither token is in what it says.
    async fn run(&self, action: &str, token: &str, urls: &str) -> Output {
        let event = self.folder.path().join("event.json");
        let pull_request = json!({"number": 7, "head": {"sha": "0123456789abcdef"}});
        fs::write(&event, json!({"action": action, "pull_request": pull_request}).to_string()).unwrap();
        let root = env!("CARGO_MANIFEST_DIR");
        let yaml = fs::read_to_string(format!("{root}/action.yml")).unwrap();
        let script = yaml.lines().find_map(|line| line.trim().strip_prefix("run: ")).unwrap();
        let mut step = Command::new("bash");
        step.args(["-c", script]).env("GITHUB_ACTION_PATH", root).env("GITHUB_EVENT_PATH", event);
        step.env("GITHUB_API_URL", &self.github_url).env("GITHUB_REPOSITORY", "o/r");
        for (variable, input) in yaml.lines().filter_map(|line| line.split_once(": ${{ inputs.")) {
            let value = match input.trim_end_matches(" }}") {
                "worker" => &self.worker,
                "token" => token,
                "urls" => urls,
                "recording" => self.recording,
                "github-token" => GITHUB_TOKEN,
                other => default(&yaml, other),
            };
            step.env(variable.trim(), value);
        }
        let output = tokio::task::spawn_blocking(move || step.output().unwrap()).await.unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!said.contains(&token_of("yara")) && !said.contains(GITHUB_TOKEN) && !said.contains("/l/"), "{said}");
        output
    }

    /// The only comment, and where its links lead.
    fn comment(&self) -> (String, Vec<String>) {
        let [comment] = self.github.ours().try_into().unwrap();
        let links = comment.split("](").skip(1).map(|link| link.split_once(')').unwrap().0.to_owned()).collect();
        (comment, links)
    }

    /// How the Action's links are, by their pages.
    async fn links(&self, worker: &Worker) -> Vec<(String, &'static str)> {
        let links = answer(worker.get("/api/links").bearer_auth(token_of("yara"))).await.json(200);
        let links = links["links"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|link| link["note"] == "o/r#7" && link["recording"] == true);
        let state = |link: &Value| if link["revoked_at"].is_null() { "open" } else { "revoked" };
        let mut links: Vec<_> = links.map(|link| (link["url"].as_str().unwrap().to_owned(), state(link))).collect();
        links.sort();
        links
    }
}

/// An input's, in action.yml.
fn default<'a>(yaml: &'a str, input: &str) -> &'a str {
    let (_, behind) = yaml.split_once(&format!("\n  {input}:\n")).unwrap();
    let (_, value) = behind.split_once("default: ").unwrap();
    value.lines().next().unwrap().trim_matches('"')
}

#[tokio::test]
async fn the_action_keeps_one_comment_whose_links_are_revoked_when_they_are_replaced_or_at_the_end() {
    let (worker, github) = (&guarded().await.worker, GitHub::default());
    let github_url = github.start().await;
    let request = PullRequest {
        worker: worker.origin.clone(),
        recording: "true",
        github,
        github_url,
        folder: TempDir::new().unwrap(),
    };
    let (token, urls) = (&token_of("yara"), "https://example.com/a?b|c\n\nhttps://www.example.com/<d>\n");

    assert!(request.run("opened", "", urls).await.status.success(), "a fork has no token");
    assert!(request.run("closed", token, urls).await.status.success(), "there is nothing to revoke");
    assert_eq!(request.github.ours(), [""; 0]);

    assert!(request.run("opened", token, urls).await.status.success());
    let (comment, links) = request.comment();
    assert!(links.len() == 2 && comment.contains("a?b&#124;c") && comment.contains("&lt;d&gt;"), "{comment}");
    assert!(
        comment.contains("0123456:")
            && comment.contains("its own, which is recorded, for")
            && comment.contains(", 5 of them at most, until 2"),
        "{comment}"
    );
    for link in &links {
        let page = answer(worker.get(link.strip_prefix(&worker.origin).unwrap()).header("accept", "text/html")).await;
        assert!(page.status == 200 && page.body.contains("<button"), "{page:?}");
    }
    let [a, d] = ["https://example.com/a?b|c", "https://www.example.com/%3Cd%3E"].map(str::to_owned);
    assert_eq!(request.links(worker).await, [(a.clone(), "open"), (d.clone(), "open")]);

    let refused = request.run("synchronize", token, "https://example.com/\nhttps://elsewhere.example/").await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("403") && said.contains("elsewhere.example"), "{said}");
    assert_eq!(request.comment(), (comment, links), "what was there stays");
    let root = "https://example.com/".to_owned();
    assert_eq!(request.links(worker).await, [(root.clone(), "revoked"), (a.clone(), "open"), (d.clone(), "open")]);

    assert!(request.run("synchronize", token, &root).await.status.success());
    assert_eq!(request.comment().1.len(), 1);
    let replaced = [(root.clone(), "open"), (root.clone(), "revoked"), (a, "revoked"), (d, "revoked")];
    assert_eq!(request.links(worker).await, replaced);

    assert!(request.run("closed", token, urls).await.status.success());
    let (comment, links) = request.comment();
    assert!(links.is_empty() && comment.contains("revoked"), "{comment}");
    assert!(request.links(worker).await.iter().all(|(_, state)| *state == "revoked"));
}

#[tokio::test]
async fn the_action_says_so_where_nothing_is_to_be_recorded() {
    let worker = MockServer::start().await;
    let made = json!({"id": "1", "link": "https://link.example/l/abc", "expires_at": "2026-11-28T08:00:00Z"});
    let links = Mock::given(method("POST")).and(path("/api/links"));
    let links = links.and(body_partial_json(json!({"recording": false})));
    links.respond_with(ResponseTemplate::new(201).set_body_json(made)).mount(&worker).await;
    let github = GitHub::default();
    let github_url = github.start().await;
    let folder = TempDir::new().unwrap();
    let request = PullRequest { worker: worker.uri(), recording: "false", github, github_url, folder };
    let ran = request.run("opened", &token_of("yara"), "https://example.com/").await;
    assert!(ran.status.success(), "{ran:?}");
    assert!(!request.comment().0.contains("recorded"), "{:?}", request.comment());
}
