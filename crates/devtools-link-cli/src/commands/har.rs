//! `devtools-link har PERMALINK`: what a tab asked the network for.

use anyhow::{Context as _, Result};
use clap::Args;

use super::{id, permalink};
use crate::worker::Worker;

#[derive(Args)]
pub(super) struct Options {
    /// The tab's, as `…/s/{session}/{tab}`
    permalink: String,
    /// With cookies and tokens: for who opened it alone
    #[arg(long)]
    raw: bool,
}

/// It is JSON already: HAR 1.2.
pub(super) fn har(worker: &Worker, options: &Options) -> Result<()> {
    let tab = permalink(&options.permalink).nth(1).context("a tab's permalink is wanted: …/s/{session}/{tab}")?;
    let (session, tab) = (id(&options.permalink)?, id(tab)?);
    let query = if options.raw { "?raw" } else { "" };
    println!("{}", worker.get(&format!("/api/sessions/{session}/tabs/{tab}/har{query}"))?);
    Ok(())
}
