//! `cargo xtask build`: the deployable Worker in `build/`, which wrangler.toml's `main` points at.

use std::env;

use anyhow::{Result, ensure};

use crate::{
    project,
    run::{command, run},
    setup,
    steps::Steps,
};

/// Set for the builds that `wrangler dev` asks for: quick to make, and not what is deployed.
pub(crate) const QUICK: &str = "XTASK_QUICK_BUILD";

pub(crate) fn build() -> Result<()> {
    let mut steps = Steps::new(setup::BUILD_STEPS + 1);
    setup::for_build(&mut steps)?;
    if env::var_os(QUICK).is_some() {
        return steps.run("the Worker", quick_worker);
    }
    steps.run("the Worker", worker)?;
    match gzipped_bytes() {
        Ok(bytes) => eprintln!("build/: {} KiB gzipped", bytes.div_ceil(1024)),
        Err(error) => eprintln!("build/: size unknown, {error:#}"),
    }
    Ok(())
}

/// Compiles, binds, optimises and bundles.
pub(crate) fn worker() -> Result<()> {
    worker_build("--release")
}

/// The same without optimising: seconds where the other takes a minute.
pub(crate) fn quick_worker() -> Result<()> {
    worker_build("--dev")
}

/// `worker-build` would download its three tools, of versions it chooses; these are the pinned ones.
fn worker_build(profile: &str) -> Result<()> {
    let mut worker_build = command(project::tool("worker-build"));
    worker_build
        .arg(profile)
        .env("WASM_BINDGEN_BIN", project::tool("wasm-bindgen"))
        .env("WASM_OPT_BIN", project::npm_tool("wasm-opt"))
        .env("ESBUILD_BIN", project::npm_tool("esbuild"));
    run(&mut worker_build)
}

/// What deploying uploads, compressed as Cloudflare counts it against a Worker's size limit.
fn gzipped_bytes() -> Result<usize> {
    let output = command("gzip").args(["-9c", "build/index.js", "build/index_bg.wasm"]).output()?;
    ensure!(output.status.success(), "gzip could not read build/: {}", output.status);
    Ok(output.stdout.len())
}
