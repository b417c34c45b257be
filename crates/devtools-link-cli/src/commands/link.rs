//! `devtools-link link URL`: a signed link.

use anyhow::Result;
use clap::{Args, ValueHint};
use serde_json::json;

use super::{Mode, Recording, field, flag, said};
use crate::worker::Worker;

#[derive(Args)]
pub(super) struct Options {
    /// The page that the link opens
    #[arg(value_hint = ValueHint::Url)]
    url: String,
    /// For how many minutes the link can be opened [default: 7 days]
    #[arg(long)]
    minutes: Option<u32>,
    /// How many browsers it may open; 1 makes it a one-time link [default: 20]
    #[arg(long, value_name = "NUMBER")]
    max_opens: Option<u32>,
    /// What the link shows
    #[arg(long)]
    mode: Option<Mode>,
    /// Whoever opens it can look, and change nothing
    #[arg(long)]
    readonly: bool,
    #[command(flatten)]
    recording: Recording,
    /// After how many seconds with nothing happening its browsers end, 10 to 1200
    #[arg(long, value_name = "SECONDS")]
    keep_alive: Option<u32>,
    /// Whoever opens it presses a button first
    #[arg(long)]
    confirm: bool,
    /// What it is for, shown where links are listed
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub(super) fn link(worker: &Worker, options: &Options, json: bool) -> Result<()> {
    let Options { url, minutes, max_opens, mode, readonly, recording, keep_alive, confirm, note } = options;
    let link = json!({
        "url": url, "expires_in": minutes.map(|minutes| u64::from(minutes) * 60), "max_opens": max_opens,
        "mode": mode.map(Mode::name), "readonly": flag(*readonly), "recording": recording.recording, "keep_alive": keep_alive, "confirm": flag(*confirm), "note": note,
    });
    let made = worker.post("/api/links", &said(link))?;
    if json {
        println!("{made}");
    } else {
        println!("{}", field(&made, "link")?);
    }
    Ok(())
}
