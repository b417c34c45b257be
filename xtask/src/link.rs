//! `cargo xtask link <url>`: a signed link, made by a Worker that runs.

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Map, Value, json};
use ureq::Agent;

#[derive(Args)]
pub(crate) struct Options {
    /// The page that the link opens
    url: String,
    /// The Worker that makes the link, and opens it
    #[arg(long, env = "DEVTOOLS_LINK_WORKER", default_value = "http://localhost:8787")]
    worker: String,
    /// An access token of that Worker; better given by its environment variable than here
    #[arg(long, env = "DEVTOOLS_LINK_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// For how many seconds the link can be opened [default: 7 days]
    #[arg(long)]
    expires_in: Option<u64>,
    /// How many browsers it may open; 1 makes it a one-time link [default: 20]
    #[arg(long)]
    max_opens: Option<u32>,
    /// What the link shows: devtools, tab or full
    #[arg(long)]
    mode: Option<String>,
    /// Whoever opens it can look, and change nothing
    #[arg(long)]
    readonly: bool,
    /// Browsers that it opens are recorded
    #[arg(long)]
    recording: bool,
    /// A session's inactivity timeout in seconds
    #[arg(long)]
    keep_alive: Option<u32>,
    /// Whoever opens it presses a button first
    #[arg(long)]
    confirm: bool,
    /// What it is for, shown where links are listed
    #[arg(long)]
    note: Option<String>,
}

/// Prints the link on stdout.
pub(crate) fn link(options: &Options) -> Result<()> {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.post(format!("{}/api/links", options.worker.trim_end_matches('/')));
    if let Some(token) = &options.token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = request.header("accept", "application/json").send(body(options).to_string());
    let mut answer =
        answer.with_context(|| format!("no Worker answers at {}; --worker says where one is", options.worker))?;
    let status = answer.status();
    let text = answer.body_mut().read_to_string()?;
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    match value["link"].as_str() {
        Some(link) => println!("{link}"),
        None => bail!("the Worker answered {status}: {}", value["detail"].as_str().unwrap_or(&text)),
    }
    Ok(())
}

/// Only what was said: the Worker knows the defaults.
fn body(options: &Options) -> Value {
    let Options { url, expires_in, max_opens, mode, readonly, recording, keep_alive, confirm, note, .. } = options;
    let all = json!({
        "url": url, "expires_in": expires_in, "max_opens": max_opens, "mode": mode, "readonly": readonly,
        "recording": recording.then_some(true), "keep_alive": keep_alive, "confirm": confirm, "note": note,
    });
    let said = all.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    said.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into()
}
