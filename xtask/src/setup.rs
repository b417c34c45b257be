//! What the commands need on this machine, installed where it is missing.
//!
//! Everything lands in the project's own folders, except rustup's wasm target.

mod chromium;
mod npm;
mod rust;

use anyhow::Result;

pub(crate) use chromium::install as chromium;

use crate::steps::Steps;

/// How many steps [`for_build`] takes.
pub(crate) const BUILD_STEPS: usize = 4;

/// What a build of the Worker needs.
pub(crate) fn for_build(steps: &mut Steps) -> Result<()> {
    steps.run("npm packages", npm::install)?;
    steps.run("Rust's wasm target", rust::add_wasm_target)?;
    steps.run("wasm-bindgen", rust::install_wasm_bindgen)?;
    steps.run("worker-build", rust::install_worker_build)?;
    rust::remove_install_folder();
    Ok(())
}
