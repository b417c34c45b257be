//! The project's own commands, run as `cargo xtask <command>`.
//!
//! - [`dev`]: everything running on this machine
//! - [`mod@test`]: everything that is checked
//! - [`build`]: the deployable Worker, in `build/`
//! - [`dist`]: what is picked up where no Rust is, in `dist/`
//! - [`link`]: a signed link to a page, by this workspace's command line
//! - [`mod@screenshots`]: pictures of every page that people see
//! - [`mod@bench`]: what a click costs, beside what it would cost otherwise
//!
//! and what they share:
//!
//! - [`setup`]: what the commands need on this machine, installed where it is missing
//! - [`steps`]: what is happening, how far it is, how long it took
//! - [`run`]: child processes that are waited for
//! - [`project`]: where things are, and which versions are pinned

mod bench;
mod build;
mod dev;
mod dist;
mod link;
mod project;
mod run;
mod screenshots;
mod setup;
mod steps;
mod test;

use std::process::ExitCode;

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
    /// Run the Worker and Browser Run on this machine, until Ctrl-C
    Dev(dev::Options),
    /// Check everything: formatting, lints, unit tests, end-to-end tests
    Test(test::Options),
    /// Make the deployable Worker in build/ (`npx wrangler deploy` calls this)
    Build(build::Options),
    /// Make what is picked up where no Rust is, in dist/: the Worker, the programs' archives, npm packages, a Dockerfile
    Dist,
    /// Make a signed link to a page, to be opened by whoever has it
    Link(link::Options),
    /// Take pictures of every page that people see, for docs/pages/
    Screenshots,
    /// Measure what a click costs, beside what it would cost otherwise: some ten minutes
    Bench(bench::Options),
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().command {
        Command::Dev(options) => dev::dev(&options),
        Command::Test(options) => test::test(&options).map(|()| ExitCode::SUCCESS),
        Command::Build(options) => build::build(&options).map(|()| ExitCode::SUCCESS),
        Command::Dist => dist::dist().map(|()| ExitCode::SUCCESS),
        Command::Link(options) => link::link(&options).map(|()| ExitCode::SUCCESS),
        Command::Screenshots => screenshots::screenshots().map(|()| ExitCode::SUCCESS),
        Command::Bench(options) => bench::bench(&options).map(|()| ExitCode::SUCCESS),
    }
}
