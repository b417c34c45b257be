//! `devtools-link close SESSION…`: ends browsers of the caller's.

use anyhow::Result;
use clap::Args;

use super::each;
use crate::worker::Worker;

#[derive(Args)]
pub(super) struct Options {
    /// Their ids, or permalinks
    #[arg(required = true)]
    sessions: Vec<String>,
}

pub(super) fn close(worker: &Worker, options: &Options) -> Result<()> {
    each(&options.sessions, |id| worker.delete(&format!("/api/sessions/{id}")))
}
