//! What replays recordings: player/ and the packages that it imports, as two files of `assets/static`. They are the same for
//! every build, so what is there and right is left alone: another command may be serving it.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    project,
    run::{command, run},
};

const FILES: [&str; 2] = ["replay.js", "replay.css"];

pub(super) fn player() -> Result<()> {
    let (bundled, assets) = (project::target()?.join("xtask/player"), project::root().join("assets/static"));
    let mut esbuild = command(project::npm_tool("esbuild"));
    esbuild.arg(project::root().join("player/replay.js")).arg(format!("--outdir={}", bundled.display()));
    // A module: it waits for what it reads.
    esbuild.args(["--bundle", "--format=esm", "--minify", "--legal-comments=linked", "--log-level=error"]);
    run(&mut esbuild)?;
    FILES.into_iter().try_for_each(|file| put(&bundled.join(file), &assets.join(file)))
}

fn put(from: &Path, to: &Path) -> Result<()> {
    let new = fs::read(from)?;
    if fs::read(to).is_ok_and(|old| old == new) {
        return Ok(());
    }
    let whole = to.with_extension("new");
    fs::write(&whole, new)
        .and_then(|()| fs::rename(&whole, to))
        .with_context(|| format!("cannot write {}", to.display()))
}
