//! URLs and hosts in all their spellings, read by workerd's own parser: the same table that `page-url` is tested with natively.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{environment::scripted, people::answer};

#[derive(Deserialize)]
struct Spellings {
    canonical: Vec<(String, String)>,
    refused: Vec<(String, String)>,
    special_hosts: Vec<String>,
    public_hosts: Vec<String>,
}

fn spellings() -> Spellings {
    serde_json::from_str(include_str!("../../crates/page-url/spellings.json")).unwrap()
}

#[tokio::test]
async fn urls_are_spelled_as_the_platform_spells_them() {
    let upstream = scripted().await;
    for (text, canonical) in spellings().canonical {
        // A preview says what it would open, and opens nothing.
        let preview = upstream.worker().click(&text, &[]).header("user-agent", "Slackbot 1.0").send().await.unwrap();
        let (status, page) = (preview.status(), preview.text().await.unwrap());
        let shown = canonical.replace('&', "&amp;").replace('"', "&quot;");
        assert!(status == 200 && page.contains(&format!("<p>{shown}</p>")), "{text:?}: {page}");
    }
}

#[tokio::test]
async fn urls_that_cannot_be_opened_are_refused_by_what_is_wrong() {
    let upstream = scripted().await;
    for (text, wrong) in spellings().refused {
        answer(upstream.worker().click(&text, &[])).await.problem(400, &format!("url-{wrong}"));
    }
}

#[tokio::test]
async fn special_hosts_are_refused_and_public_ones_asked_for() {
    let upstream = scripted().await;
    upstream.always("POST /browser", ResponseTemplate::new(500)).await;
    let open = async |url: String| {
        let request = upstream.worker().request(Method::POST, "/api/sessions").json(&json!({ "url": url }));
        answer(request.header("accept", "application/json")).await
    };
    for host in spellings().special_hosts {
        open(format!("http://{host}/")).await.problem(403, "host-refused");
    }
    for host in spellings().public_hosts {
        open(format!("https://{host}/")).await.problem(502, "upstream");
    }
}
