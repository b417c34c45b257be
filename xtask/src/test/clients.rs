//! `cargo xtask test --clients`: the clients of browser-run-local that take a while to install.

use anyhow::{Context, Result};

use crate::{
    project,
    run::{command, read, run, words},
};

const REQUIREMENTS: &str = "crates/browser-run-local/tests/clients/requirements.txt";

/// Runs the tests that `cargo test` leaves out, with the packages of [`REQUIREMENTS`] in a folder of their own.
pub(super) fn test() -> Result<()> {
    let folder = project::target()?.join("clients/python");
    let python = folder.join("bin/python");
    if !python.exists() {
        read(&mut words("python3 --version")).context("Python 3 is needed: https://www.python.org/downloads/")?;
        run(words("python3 -m venv").arg(&folder))?;
    }
    run(command(&python).args(["-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS]))?;
    run(words("cargo test --package browser-run-local --test it -- --ignored").env("CLIENTS_PYTHON", &python))
}
