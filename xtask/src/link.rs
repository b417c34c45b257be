//! `cargo xtask link URL`: `devtools-link link`, of this workspace's command line.

use std::os::unix::process::CommandExt as _;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::run::words;

#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Options {
    /// Passed on; `--help` says what there is
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Becomes that program: only an error returns.
pub(crate) fn link(options: &Options) -> Result<()> {
    let mut program = words("cargo run --quiet --package devtools-link-cli -- link");
    Err(program.args(&options.arguments).exec()).context("cargo cannot be started")
}
