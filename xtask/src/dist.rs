//! `cargo xtask dist`: what is picked up where no Rust is, in `dist/`. Packing is `xtask-dist`'s; here everything is built, so
//! that no folder of this machine is in it: the same commit gives the same bytes elsewhere.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{
    project,
    run::{command, read, run, words},
    steps::Steps,
};

const WASM: &str = "wasm32-unknown-unknown";

pub(crate) fn dist() -> Result<()> {
    let rustc = read(&mut words("rustc --version --verbose"))?;
    let target = said(&rustc, "host")?;
    let remapped = remapped(said(&rustc, "commit-hash")?)?;
    let mut steps = Steps::new(3);
    // A build of its own, by this program: the flags are for what comes out of it, and its tools stay as they are.
    steps.run("the Worker", || {
        let mut build = command(env::current_exe()?);
        run(build.arg("build").env(flags_of(WASM), &remapped))
    })?;
    steps.run("the programs", || {
        let mut build =
            words("cargo build --locked --profile dist --package browser-run-local --package devtools-link-cli");
        run(build.args(["--bins", "--target", target]).env(flags_of(target), &remapped))
    })?;
    steps.run("dist/", || {
        run(&mut words("cargo build --package xtask-dist"))?;
        let programs = project::target()?.join(target).join("dist");
        let mut pack = command(project::program("xtask-dist")?);
        run(pack.arg(project::root()).arg(target).arg(programs))
    })
}

/// What `rustc -vV` says of something.
fn said<'a>(rustc: &'a str, name: &str) -> Result<&'a str> {
    let line = rustc.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.with_context(|| format!("rustc does not say its {name}"))
}

/// The variable with rustc's flags for what is compiled to `target`, and for nothing that runs meanwhile.
fn flags_of(target: &str) -> String {
    format!("CARGO_TARGET_{}_RUSTFLAGS", target.replace('-', "_").to_ascii_uppercase())
}

/// The flags that have panics name files as they are called everywhere.
fn remapped(commit: &str) -> Result<String> {
    let sysroot = PathBuf::from(read(&mut words("rustc --print sysroot"))?);
    let mut folders = vec![
        (project::root().to_owned(), "/devtools-link".to_owned()),
        (sysroot.join("lib/rustlib/src/rust"), format!("/rustc/{commit}")),
    ];
    // Each registry's crates are in a folder of its own.
    let sources = cargo_home()?.join("registry/src");
    for registry in fs::read_dir(&sources).with_context(|| format!("cannot read {}", sources.display()))? {
        folders.push((registry?.path(), "/crates".to_owned()));
    }
    let flag = |(folder, name): &(PathBuf, String)| format!("--remap-path-prefix={}={name}", folder.display());
    Ok(folders.iter().map(flag).collect::<Vec<_>>().join(" "))
}

fn cargo_home() -> Result<PathBuf> {
    let usual = || Some(Path::new(&env::var_os("HOME")?).join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(usual).context("where is cargo's home?")
}
