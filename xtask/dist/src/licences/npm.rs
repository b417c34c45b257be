//! What npm's packages bring, each with all that it depends on, as package-lock.json and `node_modules` have it.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{Third, text};

pub(super) fn others(root: &Path, names: &[&str]) -> Result<Vec<Third>> {
    let lock: Value = serde_json::from_slice(&fs::read(root.join("package-lock.json"))?)?;
    let mut todo: Vec<String> = names.iter().map(|name| format!("node_modules/{name}")).collect();
    let mut seen = BTreeSet::new();
    while let Some(path) = todo.pop() {
        let dependencies = lock["packages"][&path]["dependencies"].as_object().into_iter().flatten();
        todo.extend(dependencies.filter_map(|(name, _)| found(&lock, &path, name)).filter(|path| !seen.contains(path)));
        seen.insert(path);
    }
    seen.iter().map(|path| third(root, path)).collect()
}

/// Where `name` is for the package at `path`: in its own folder, or the nearest above.
fn found(lock: &Value, path: &str, name: &str) -> Option<String> {
    let mut above = Some(path);
    while let Some(folder) = above {
        let inside = format!("{folder}/node_modules/{name}");
        if lock["packages"].get(&inside).is_some() {
            return Some(inside);
        }
        above = folder.rsplit_once("/node_modules/").map(|(above, _)| above);
    }
    let top = format!("node_modules/{name}");
    lock["packages"].get(&top).map(|_| top)
}

fn third(root: &Path, path: &str) -> Result<Third> {
    let folder = root.join(path);
    let manifest = fs::read(folder.join("package.json")).with_context(|| format!("{path} is missing: npm ci"))?;
    let manifest: Value = serde_json::from_slice(&manifest)?;
    let repository = manifest["repository"].as_str().unwrap_or_else(|| text(&manifest["repository"], "url"));
    Third::new(&manifest, manifest["license"].as_str(), repository, &folder)
}
