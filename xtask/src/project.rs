//! Where things are in this project, and which versions it pins.

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

/// A Rust tool that the set-up installs.
pub(crate) fn tool(name: &str) -> PathBuf {
    root().join(".tools/bin").join(name)
}

/// A command of an npm package.
pub(crate) fn npm_tool(name: &str) -> PathBuf {
    root().join("node_modules/.bin").join(name)
}

/// `PATH` with the project's own tools first: `node` is the one that package.json pins, as under `npx`.
pub(crate) fn path_variable() -> OsString {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let own = ["node_modules/.bin", ".tools/bin"].map(|folder| root().join(folder));
    let folders = own.into_iter().chain(env::split_paths(&inherited));
    env::join_paths(folders).unwrap_or(inherited)
}

/// The version of a crate that Cargo.lock holds.
pub(crate) fn locked_version(name: &str) -> Result<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    version_in(&lock, name).map(str::to_owned).with_context(|| format!("Cargo.lock holds no {name}"))
}

fn version_in<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split_once('"').map(|(version, _)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_that_of_the_whole_name() {
        let lock = "[[package]]\nname = \"worker-macros\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"worker\"\nversion = \"0.8.7\"\nsource = \"…\"\n";
        assert_eq!(version_in(lock, "worker"), Some("0.8.7"));
        assert_eq!(version_in(lock, "work"), None);
    }
}
