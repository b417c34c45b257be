//! The project's own commands, run as `cargo xtask <command>`.
//!
//! - [`build`]: the deployable Worker, in `build/`
//! - [`setup`]: what the commands need on this machine, installed where it is missing
//! - [`run`]: child processes that are waited for
//! - [`steps`]: what is happening, how far it is, how long it took
//! - [`project`]: where things are, and which versions are pinned

mod build;
mod project;
mod run;
mod setup;
mod steps;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The project's own commands.
///
/// Each installs what it needs first, below the project's own folder wherever that is possible.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the deployable Worker in build/ (`npx wrangler deploy` calls this)
    Build,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Build => build::build(),
    }
}
