//! Rust's wasm target, by rustup, and the tools that `cargo xtask test` calls.

use std::path::Path;

use anyhow::{Context, Result};

use super::Need;
use crate::run::{read, run, words};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// What is not there and cannot be added.
pub(crate) fn missing(need: Need) -> Vec<String> {
    let mut missing = Vec::new();
    if !has_wasm_target().unwrap_or(false) && read(&mut words("rustup --version")).is_err() {
        missing.push(format!(
            "Rust cannot compile to {WASM_TARGET} here, and there is no rustup to add it: install Rust by \
             https://rustup.rs, or your distribution's package for that target"
        ));
    }
    let tools = [("rustfmt", "cargo fmt --version"), ("clippy", "cargo clippy --version")];
    for (component, line) in tools.into_iter().filter(|_| need == Need::Test) {
        if read(&mut words(line)).is_err() {
            missing.push(format!("Rust's {component} is not installed: rustup component add {component}"));
        }
    }
    missing
}

pub(crate) fn add_wasm_target() -> Result<()> {
    if has_wasm_target()? {
        return Ok(());
    }
    run(&mut words(&format!("rustup target add {WASM_TARGET}")))
        .with_context(|| format!("rustup could not add {WASM_TARGET}, which the Worker is compiled to"))
}

fn has_wasm_target() -> Result<bool> {
    let folder = read(&mut words(&format!("rustc --print target-libdir --target {WASM_TARGET}")))?;
    Ok(Path::new(&folder).exists())
}
