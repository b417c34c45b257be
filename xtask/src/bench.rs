//! `cargo xtask bench`: what a click costs, beside what it would cost otherwise. The measuring itself is `xtask-bench`'s;
//! here everything that it needs is made.

mod comparators;

use std::{
    ffi::OsString,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::{Args, Subcommand, builder::PossibleValuesParser};
use serde_json::{Value, json};

use crate::{
    build::{self, Build},
    project,
    run::{command, run, words},
    setup::{self, Need},
    steps::Steps,
};

/// Ours, in a new session or a reused one, and what they are compared with: docs/performance.md says what each is.
const ROWS: [&str; 8] = ["us-new", "us-reused", "plain", "ledgered", "rpc", "same", "sdk", "direct"];

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    instead: Option<Instead>,
    #[command(flatten)]
    clicks: Clicks,
}

#[derive(Subcommand)]
enum Instead {
    /// Show where a click's processor time goes
    Profile(Profile),
    /// Measure whether a long history or a full account slows anything down, and how much one ledger carries
    Scale(Scale),
    /// Run a Worker and its upstream, until Ctrl-C, for a load tool of your own
    Serve(Serve),
    /// Measure browser-run-local beside the port of the Chromium that it runs
    Local(Local),
}

#[derive(Args)]
struct Clicks {
    /// One short round: for a glance while developing
    #[arg(long)]
    quick: bool,
    /// Measure these rows only, comma-separated
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(ROWS))]
    only: Vec<String>,
    /// Print every sample as JSON instead of tables
    #[arg(long)]
    json: bool,
    /// A Worker's build folder, taken as it is [default: build/, built anew]
    #[arg(long)]
    worker: Option<PathBuf>,
    /// Where ledgers are stored meanwhile [default: below target/]
    #[arg(long)]
    storage: Option<PathBuf>,
}

#[derive(Args)]
struct Profile {
    /// Whose
    #[arg(value_parser = PossibleValuesParser::new(&ROWS[..7]), default_value = "us-new")]
    row: String,
    /// Where the profile is written, for DevTools' Performance panel [default: below target/]
    file: Option<PathBuf>,
    /// How many connections click at once
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// A Worker's build folder, taken as it is [default: build/, built anew]
    #[arg(long)]
    worker: Option<PathBuf>,
}

#[derive(Args)]
struct Scale {
    /// One short round: for a glance while developing
    #[arg(long)]
    quick: bool,
    /// Print every sample as JSON instead of tables
    #[arg(long)]
    json: bool,
    /// A Worker's build folder, taken as it is [default: build/, built anew]
    #[arg(long)]
    worker: Option<PathBuf>,
}

#[derive(Args)]
struct Serve {
    /// Whose
    #[arg(value_parser = PossibleValuesParser::new(&ROWS[..7]), default_value = "us-new")]
    row: String,
    /// A Worker's build folder, taken as it is [default: build/, built anew]
    #[arg(long)]
    worker: Option<PathBuf>,
}

#[derive(Args)]
struct Local {
    /// A tenth of everything: for a glance while developing
    #[arg(long)]
    quick: bool,
    /// Measure this only
    #[arg(long, value_parser = ["recording"])]
    only: Option<String>,
    /// Print every value as JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Prepares everything and becomes the program that measures: only an error returns.
pub(crate) fn bench(options: &Options) -> Result<()> {
    match &options.instead {
        Some(Instead::Local(local)) => measure_local(local),
        None => measure(options.clicks.worker.as_deref(), Build::Deploy, options.clicks.settings()?),
        Some(Instead::Scale(scale)) => measure(scale.worker.as_deref(), Build::Deploy, scale.settings()),
        Some(Instead::Serve(serve)) => {
            measure(serve.worker.as_deref(), Build::Deploy, json!({ "command": "serve", "row": serve.row }))
        }
        // Which has the names of its functions.
        Some(Instead::Profile(profile)) => measure(profile.worker.as_deref(), Build::Test, profile.settings()?),
    }
}

/// Measures a Worker: that of a folder, or the project's own.
fn measure(worker: Option<&Path>, build: Build, mut settings: Value) -> Result<()> {
    setup::check(Need::Build)?;
    let mut steps = Steps::new(setup::BUILD_STEPS + if worker.is_some() { 2 } else { 4 });
    let npm = setup::for_build(&mut steps)?;
    steps.run("what measures", build_program)?;
    if worker.is_none() {
        steps.run("tools", build::tools)?;
    }
    npm.wait();
    if worker.is_none() {
        steps.run("the Worker", || build::worker(build))?;
    }
    let scratch = project::scratch("bench")?;
    steps.run("what it is compared with", || comparators::bundle(&scratch))?;
    settings["root"] = text(project::root())?;
    settings["worker"] = match worker {
        Some(folder) => text(&existing(folder)?)?,
        None => text(&project::root().join(build.folder()))?,
    };
    settings["comparators"] = text(&scratch)?;
    if settings.get("scratch").is_none() {
        settings["scratch"] = text(&scratch)?;
    }
    become_program(&settings)
}

/// Measures browser-run-local as it is released.
fn measure_local(options: &Local) -> Result<()> {
    setup::check(Need::Dev)?;
    let mut steps = Steps::new(4);
    let chromium = setup::chromium(&mut steps);
    let npm = setup::npm(&mut steps);
    steps.run("what measures", build_program)?;
    steps.run("browser-run-local", || run(&mut words("cargo build --profile dist --package browser-run-local")))?;
    chromium.wait();
    npm.wait();
    let mut settings = options.settings();
    settings["program"] = text(&project::target()?.join("dist/browser-run-local"))?;
    settings["rrweb"] = text(&project::rrweb())?;
    settings["scratch"] = text(&project::scratch("bench")?)?;
    become_program(&settings)
}

fn build_program() -> Result<()> {
    run(&mut words("cargo build --profile bench --package xtask-bench"))
}

/// Nothing is left that would have to wait for it, or to end it.
fn become_program(settings: &Value) -> Result<()> {
    let program = project::target()?.join("release/xtask-bench");
    let error = command(&program).arg(OsString::from(settings.to_string())).exec();
    Err(error).with_context(|| format!("cannot run {}", program.display()))
}

impl Clicks {
    fn settings(&self) -> Result<Value> {
        let (rounds, attempts, warm_up_ms, measured_ms) =
            if self.quick { (1, 1, 1_000, 1_500) } else { (3, 3, 2_000, 4_000) };
        let all = || ROWS.map(str::to_owned).to_vec();
        let rows = if self.only.is_empty() { all() } else { self.only.clone() };
        let mut settings = json!({
            "command": "clicks", "rows": rows, "json": self.json,
            "rounds": rounds, "attempts": attempts, "warm_up_ms": warm_up_ms, "measured_ms": measured_ms,
        });
        if let Some(folder) = &self.storage {
            settings["scratch"] = text(&existing(folder)?)?;
        }
        Ok(settings)
    }
}

impl Profile {
    fn settings(&self) -> Result<Value> {
        let file = match &self.file {
            Some(file) => std::path::absolute(file)?,
            None => project::scratch("bench")?.join(format!("{}.cpuprofile", self.row)),
        };
        Ok(json!({
            "command": "profile", "row": self.row, "connections": self.connections, "file": text(&file)?,
            "warm_up_ms": 3_000, "measured_ms": 5_000,
        }))
    }
}

impl Scale {
    fn settings(&self) -> Value {
        let (rounds, restarts, turns, warm_up_ms, measured_ms) =
            if self.quick { (1, 2, 8, 1_000, 1_500) } else { (3, 5, 20, 2_000, 4_000) };
        json!({
            "command": "scale", "json": self.json, "rows": [0, 1_000, 10_000], "foreign": [0, 1_000],
            "rounds": rounds, "restarts": restarts, "warm_up_turns": 5, "turns": turns,
            "warm_up_ms": warm_up_ms, "measured_ms": measured_ms,
        })
    }
}

impl Local {
    fn settings(&self) -> Value {
        let (starts, blocks, long_answers, loads) = if self.quick { (2, 2, 2, 10) } else { (10, 20, 10, 100) };
        json!({
            "command": "local", "json": self.json, "block": 500,
            "starts": starts, "blocks": blocks, "long_answers": long_answers, "loads": loads,
            "recording_only": self.only.is_some(),
        })
    }
}

/// The same from wherever it is asked for.
fn existing(folder: &Path) -> Result<PathBuf> {
    folder.canonicalize().with_context(|| format!("{} is not there", folder.display()))
}

fn text(path: &Path) -> Result<Value> {
    let text = path.to_str().with_context(|| format!("{} is no text", path.display()))?;
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_bench_is_one_round_of_the_rows_that_were_asked_for() {
        let clicks = Clicks { quick: true, only: vec!["rpc".to_owned()], json: false, worker: None, storage: None };
        let settings = clicks.settings().unwrap();
        assert_eq!((settings["rounds"].as_u64(), &settings["rows"]), (Some(1), &json!(["rpc"])));
        let all = Clicks { quick: false, only: Vec::new(), ..clicks }.settings().unwrap();
        assert_eq!((all["rounds"].as_u64(), &all["rows"]), (Some(3), &json!(ROWS)));
    }

    #[test]
    fn a_quick_scale_measures_the_same_ledgers_in_one_round() {
        let settings = |quick| Scale { quick, json: false, worker: None }.settings();
        let (quick, whole) = (settings(true), settings(false));
        assert_eq!((quick["rounds"].as_u64(), whole["rounds"].as_u64()), (Some(1), Some(3)));
        assert_eq!((&quick["rows"], &quick["foreign"]), (&whole["rows"], &whole["foreign"]));
        assert_eq!(whole["rows"], json!([0, 1_000, 10_000]));
    }
}
