//! The wasm target, by rustup, and two Rust tools, by `cargo install` into `.tools/`.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    project,
    run::{command, read, run, words},
};

/// Where the tools are compiled: a folder of its own keeps the work of an install that was interrupted, and
/// what both tools need is compiled once.
const INSTALL_FOLDER: &str = "target/xtask-install";
const WASM_TARGET: &str = "wasm32-unknown-unknown";

pub(crate) fn add_wasm_target() -> Result<()> {
    let folder = read(&mut words(&format!("rustc --print target-libdir --target {WASM_TARGET}")))?;
    if Path::new(&folder).exists() {
        return Ok(());
    }
    run(&mut words(&format!("rustup target add {WASM_TARGET}"))).with_context(|| {
        format!(
            "Rust cannot compile to {WASM_TARGET} here, and rustup could not add it. \
             Install Rust by https://rustup.rs, or your distribution's package for that target"
        )
    })
}

/// The CLI has to be of exactly the version of the library that the Worker is linked with.
pub(crate) fn install_wasm_bindgen() -> Result<()> {
    install("wasm-bindgen-cli", "wasm-bindgen", &project::locked_version("wasm-bindgen")?)
}

/// It is released together with the `worker` crate, under the same version.
pub(crate) fn install_worker_build() -> Result<()> {
    install("worker-build", "worker-build", &project::locked_version("worker")?)
}

fn install(package: &str, program: &str, version: &str) -> Result<()> {
    if installed_version(program).as_deref() == Some(version) {
        return Ok(());
    }
    // They run for a second: compiling them quickly counts for more.
    let mut cargo = command("cargo");
    cargo.args(["install", package, "--version", &format!("={version}"), "--bin", program, "--force"]);
    cargo.args(["--root", ".tools", "--target-dir", INSTALL_FOLDER]);
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    run(&mut cargo)
}

/// Its hundreds of megabytes are of no use once both tools are installed.
pub(crate) fn remove_install_folder() {
    // What cannot be removed only takes up room.
    let _ = fs::remove_dir_all(project::root().join(INSTALL_FOLDER));
}

/// The last word of `--version`: "wasm-bindgen 0.2.130", or only "0.8.7".
fn installed_version(program: &str) -> Option<String> {
    let answer = read(command(project::tool(program)).arg("--version")).ok()?;
    answer.split_whitespace().last().map(str::to_owned)
}
