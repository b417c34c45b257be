//! `cargo xtask test`: everything that is checked, and the whole of what CI runs.

mod clients;
mod programs;

use anyhow::Result;
use clap::Args;

use crate::{
    build::{self, Build},
    run::{run, words},
    setup::{self, Need},
    steps::Steps,
};

#[derive(Args)]
pub(crate) struct Options {
    /// Only try a million inputs of each property test of the Worker's rules: some minutes
    #[arg(long)]
    fuzz: bool,
    /// Only count in how many of the ten thousand bad days each planted fault is found: some minutes
    #[arg(long, conflicts_with_all = ["fuzz", "clients"])]
    mutants: bool,
    /// Only run browser-run-local's clients that take a while to install: Cloudflare's Python SDK
    #[arg(long)]
    clients: bool,
    /// Passed on to `cargo test`, such as `-- part_of_a_test_name`
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn test(options: &Options) -> Result<()> {
    if options.fuzz {
        return fuzz();
    }
    if options.mutants {
        return mutants();
    }
    if options.clients {
        return clients::test();
    }
    setup::check(Need::Test)?;
    let mut steps = Steps::new(setup::BUILD_STEPS + 11);
    let chromium = setup::for_tests(&mut steps);
    let npm = setup::for_build(&mut steps)?;
    steps.run("formatting", || run(&mut words("cargo fmt --all --check")))?;
    steps.run("tools", build::tools)?;
    npm.wait();
    // Beside what follows: most of it is one thread's work, and in a folder of its own.
    let worker = steps.beside("the Worker and its size", || {
        build::worker(Build::Test)?;
        build::check_size()
    });
    steps.run("lints", || run(&mut words("cargo clippy --workspace --all-targets -- --deny warnings")))?;
    steps.run("lints for wasm", || {
        run(&mut words(
            "cargo clippy --package devtools-link --package browser-run-api --package cloudflare-access --package lean-json \
             --package page-url \
             --target wasm32-unknown-unknown -- --deny warnings",
        ))
    })?;
    steps.run("documentation", || {
        let mut doc = words("cargo doc --workspace --no-deps --document-private-items");
        run(doc.env("RUSTDOCFLAGS", "--deny warnings"))
    })?;
    worker.wait();
    steps.run("the Worker as it is developed with", || build::worker(Build::TestDev))?;
    chromium.wait();
    if !options.arguments.is_empty() {
        return steps.run("tests", || run(words("cargo test --workspace").args(&options.arguments)));
    }
    steps.run("the tests' programs", programs::compile)?;
    steps.run("tests", programs::run_all)?;
    steps.run("tests in documentation", || run(&mut words("cargo test --workspace --doc")))
}

/// Optimised, since it is the number of inputs that counts.
fn fuzz() -> Result<()> {
    let mut tests = words("cargo test --release --package devtools-link --lib fuzz");
    tests.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    run(tests.env("PROPTEST_CASES", "1000000"))
}

/// Not optimised: to compile it so would take as long as it saves.
fn mutants() -> Result<()> {
    run(&mut words("cargo test --package devtools-link --lib mutants_are_counted -- --ignored --nocapture"))
}
