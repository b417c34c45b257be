//! Browser Run for one test: started in this process, driven over HTTP, gone at the end.
//!
//! `cargo run -p browser-run-local --example test_server`, where there is a Chromium or Chrome.

use std::time::Duration;

use browser_run_local::{Config, Limits, Plan};
use serde_json::Value;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config { limits: Limits::of(Plan::Free), ..Config::new("dev") };
    let server = browser_run_local::spawn(config).await?;
    // What a client takes for https://api.cloudflare.com/client/v4
    let browser = format!("{}/accounts/any/browser-rendering/devtools/browser", server.api_url());
    let client = reqwest::Client::new();

    let session: Value = client.post(&browser).bearer_auth("dev").send().await?.json().await?;
    let session = format!("{browser}/{}", session["sessionId"].as_str().unwrap_or_default());
    let url = format!("{session}/json/new?url=data:text/plain,hello");
    let target: Value = client.put(url).bearer_auth("dev").send().await?.json().await?;
    println!("DevTools on it: {}", target["devtoolsFrontendUrl"]);

    // The free plan has a browser every twenty seconds: this one comes too early, and later it does not.
    let refused = client.post(&browser).bearer_auth("dev").send().await?;
    anyhow::ensure!(refused.status() == 429, "{}", refused.status());
    server.inject(r#"{"on": "POST /browser", "status": 503}"#.parse()?);
    server.advance(Duration::from_secs(20));
    let injected = client.post(&browser).bearer_auth("dev").send().await?;
    anyhow::ensure!(injected.status() == 503, "{}", injected.status());

    Ok(server.stop().await?)
}
