//! `cargo xtask build`: the deployable Worker in `build/`, which wrangler.toml's `main` points at.

use anyhow::{Result, ensure};

use crate::{
    project,
    run::{command, run},
    setup,
    steps::Steps,
};

pub(crate) fn build() -> Result<()> {
    let mut steps = Steps::new(setup::BUILD_STEPS + 1);
    setup::for_build(&mut steps)?;
    steps.run("the Worker", worker)?;
    match gzipped_bytes() {
        Ok(bytes) => eprintln!("build/: {} KiB gzipped", bytes.div_ceil(1024)),
        Err(error) => eprintln!("build/: size unknown, {error:#}"),
    }
    Ok(())
}

/// Compiles, binds, optimises and bundles.
///
/// `worker-build` would download its three tools, of versions it chooses; these are the pinned ones.
pub(crate) fn worker() -> Result<()> {
    let mut worker_build = command(project::tool("worker-build"));
    worker_build
        .arg("--release")
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
