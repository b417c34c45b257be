//! Where things are in this project.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the workspace's root")
}

/// Where cargo puts what it compiles: this program is in a profile's folder in there.
pub(crate) fn target() -> Result<PathBuf> {
    let program = env::current_exe().context("where is this program?")?;
    program.ancestors().nth(2).map(Path::to_owned).context("this program is not where cargo put it")
}

/// A folder for what is made on the way, which is there with this.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target()?.join("xtask").join(name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// A program of this workspace, built into the same folder as this one.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    Ok(env::current_exe().context("where is this program?")?.with_file_name(name))
}

/// What was installed for this project alone: programs in its `bin`.
pub(crate) fn tools() -> PathBuf {
    root().join(".tools")
}

/// A command of an npm package.
pub(crate) fn npm_tool(name: &str) -> PathBuf {
    root().join("node_modules/.bin").join(name)
}

/// rrweb's recorder, of its npm package.
pub(crate) fn rrweb() -> PathBuf {
    root().join("node_modules/@rrweb/record/umd/record.min.js")
}

/// `PATH` with the project's own programs first: `node` is the one that package.json pins, as under `npx`.
pub(crate) fn path_variable() -> OsString {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let own = [root().join("node_modules/.bin"), tools().join("bin")];
    let folders = own.into_iter().chain(env::split_paths(&inherited));
    env::join_paths(folders).unwrap_or(inherited)
}
