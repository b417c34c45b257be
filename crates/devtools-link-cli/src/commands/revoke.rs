//! `devtools-link revoke ID…`: signed links that open nothing from now on.

use anyhow::Result;
use clap::Args;

use super::each;
use crate::worker::Worker;

#[derive(Args)]
pub(super) struct Options {
    /// Their ids, as `devtools-link links` lists them
    #[arg(required = true)]
    ids: Vec<String>,
    /// Close the browsers that they have opened, too
    #[arg(long)]
    close: bool,
}

pub(super) fn revoke(worker: &Worker, options: &Options) -> Result<()> {
    let query = if options.close { "?close" } else { "" };
    each(&options.ids, |id| worker.delete(&format!("/api/links/{id}{query}")))
}
