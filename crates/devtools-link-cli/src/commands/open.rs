//! `devtools-link open URL`: a page in a browser there, its DevTools in the browser here.

use anyhow::Result;
use clap::{Args, ValueHint};
use serde_json::json;

use super::{Mode, Recording, field, flag, said};
use crate::worker::Worker;

#[derive(Args)]
pub(super) struct Options {
    /// The page
    #[arg(value_hint = ValueHint::Url)]
    url: String,
    /// What the link shows
    #[arg(long)]
    mode: Option<Mode>,
    /// Whoever opens the link can look, and change nothing
    #[arg(long)]
    readonly: bool,
    /// After how many seconds with nothing happening the browser ends, 10 to 1200
    #[arg(long, value_name = "SECONDS")]
    keep_alive: Option<u32>,
    #[command(flatten)]
    recording: Recording,
    /// A browser of its own, even where you have one
    #[arg(long)]
    fresh: bool,
    /// Print the link only; on a machine that you share, do: while a browser starts, others can read its command line
    #[arg(long)]
    no_browser: bool,
}

pub(super) fn open(worker: &Worker, options: &Options, json: bool) -> Result<()> {
    let Options { url, mode, readonly, keep_alive, recording, fresh, .. } = options;
    let click = json!({
        "url": url, "mode": mode.map(Mode::name), "readonly": flag(*readonly), "keep_alive": keep_alive, "recording": recording.recording,
        "fresh": flag(*fresh),
    });
    let opened = worker.post("/api/sessions", &said(click))?;
    if json {
        println!("{opened}");
        return Ok(());
    }
    let link = field(&opened, "devtools_url")?;
    println!("{link}");
    eprintln!("good for five minutes; later, and for others who may use the Worker: {}", field(&opened, "permalink")?);
    if !options.no_browser
        && let Err(error) = open::that_detached(link)
    {
        eprintln!("no browser could be started here: {error}");
    }
    Ok(())
}
