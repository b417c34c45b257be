//! The npm packages of package-lock.json, by `npm ci`, and the Node to run that with.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    project,
    run::{command, read, run_quietly, words},
};

/// What npm needs to be started with.
const LEAST_NODE: u32 = 18;
/// What wrangler needs; package.json brings it, where npm can install it.
const WRANGLERS_NODE: u32 = 22;

/// What is not there to install the packages with.
pub(crate) fn missing() -> Vec<String> {
    if is_installed(project::root()) {
        return Vec::new();
    }
    let npm = read(&mut words("npm --version"))
        .err()
        .map(|_| "npm is not on PATH; it comes with Node: https://nodejs.org/en/download".to_owned());
    check_node(LEAST_NODE).err().map(|error| error.to_string()).into_iter().chain(npm).collect()
}

/// Installs the packages when `node_modules` does not hold exactly those of package-lock.json.
pub(crate) fn install() -> Result<()> {
    if !is_installed(project::root()) {
        run_quietly(&mut words("npm ci --no-audit --no-fund"))?;
        ["esbuild", "workerd", "wasm-opt"].into_iter().try_for_each(check_binary)?;
    }
    check_node(WRANGLERS_NODE)
}

fn check_node(least: u32) -> Result<()> {
    let advice = format!("Node {least} or newer is needed, with npm: https://nodejs.org/en/download");
    match read(&mut words("node --version")) {
        Ok(version) if major(&version).is_some_and(|major| major >= least) => Ok(()),
        Ok(version) => bail!("{advice} (this one says {version})"),
        Err(_) => bail!("{advice} (none is on PATH)"),
    }
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Some npm versions and settings do not run the packages' install scripts, which fetch or link these.
fn check_binary(name: &str) -> Result<()> {
    read(command(project::npm_tool(name)).arg("--version")).map(drop).with_context(|| {
        format!(
            "npm installed {name}, but it does not run. If npm was told to ignore install scripts \
             (`npm config get ignore-scripts`), run `npm rebuild --ignore-scripts=false`"
        )
    })
}

fn is_installed(root: &Path) -> bool {
    let packages = |file: &str| -> Option<Value> {
        let text = fs::read_to_string(root.join(file)).ok()?;
        Some(serde_json::from_str::<Value>(&text).ok()?["packages"].take())
    };
    match (packages("package-lock.json"), packages("node_modules/.package-lock.json")) {
        (Some(wanted), Some(found)) => matches(&wanted, &found),
        _ => false,
    }
}

/// npm's own record lists what it installed; packages for other platforms are missing there.
fn matches(wanted: &Value, found: &Value) -> bool {
    let (Some(wanted), Some(found)) = (wanted.as_object(), found.as_object()) else { return false };
    let present = wanted.iter().filter(|(path, _)| !path.is_empty()).all(|(path, package)| match found.get(path) {
        Some(installed) => installed["version"] == package["version"] && installed["integrity"] == package["integrity"],
        None => package["optional"] == true,
    });
    present && found.keys().all(|path| wanted.contains_key(path))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn packages_of_another_version_missing_or_extra_do_not_match() {
        let wanted = json!({
            "": {"name": "project"},
            "node_modules/a": {"version": "1.0.0", "integrity": "sha512-a"},
            "node_modules/elsewhere": {"version": "1.0.0", "optional": true},
        });
        let a = json!({"version": "1.0.0", "integrity": "sha512-a"});
        assert!(matches(&wanted, &json!({"node_modules/a": a})));
        assert!(!matches(&wanted, &json!({})));
        assert!(!matches(&wanted, &json!({"node_modules/a": {"version": "1.0.1", "integrity": "sha512-b"}})));
        assert!(!matches(&wanted, &json!({"node_modules/a": a, "node_modules/b": a})));
    }

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20"), None);
    }
}
