//! `devtools-link ls`: the caller's browsers, newest first.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use super::{field, list};
use crate::worker::Worker;

#[derive(Args)]
pub(super) struct Options {
    /// Those that have ended, too
    #[arg(long)]
    all: bool,
}

/// A line a browser: its permalink, when it was opened, its page; and how it is, where that is not open.
pub(super) fn ls(worker: &Worker, options: &Options, json: bool) -> Result<()> {
    let sessions = sessions(worker, options)?;
    if json {
        println!("{}", json!({"total": sessions.len(), "sessions": sessions}));
        return Ok(());
    }
    for session in &sessions {
        let [permalink, opened_at, url] = ["permalink", "opened_at", "url"].map(|name| field(session, name));
        let state = field(session, "state")?;
        let state = if state == "open" { String::new() } else { format!("  ({state})") };
        println!("{}  {}  {}{state}", permalink?, opened_at?, url?);
    }
    Ok(())
}

/// All pages of the list.
fn sessions(worker: &Worker, options: &Options) -> Result<Vec<Value>> {
    let state = if options.all { "" } else { "state=open&" };
    let (mut sessions, mut offset) = (Vec::new(), Some(0));
    while let Some(from) = offset {
        let page = worker.get(&format!("/api/sessions?{state}limit=200&offset={from}"))?;
        sessions.extend(list(&page, "sessions")?.iter().cloned());
        offset = page["next_offset"].as_u64().filter(|next| *next > from);
    }
    Ok(sessions)
}
