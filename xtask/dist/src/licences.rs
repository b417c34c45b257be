//! What of others' is in there, with the licences that want to come along: everything that is linked in, by `cargo metadata`,
//! and what is in scripts, by package-lock.json.

mod npm;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

const RULE: &str = "--------------------------------------------------------------------------------";

/// Somebody else's, with the terms that it came with.
struct Third {
    title: String,
    licence: String,
    place: String,
    texts: Vec<String>,
}

/// Every package of the workspace on one platform, by its id.
pub(crate) struct Packages {
    root: PathBuf,
    packages: BTreeMap<String, Value>,
    /// What each is linked with.
    links: BTreeMap<String, Vec<String>>,
}

impl Packages {
    pub(crate) fn read(root: &Path, target: &str) -> Result<Self> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["metadata", "--locked", "--format-version", "1", "--filter-platform", target]).current_dir(root);
        let output = cargo.output().context("cargo cannot be started")?;
        ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let id = |package: &Value| text(package, "id").to_owned();
        let packages = list(&metadata["packages"]).map(|package| (id(package), package.clone())).collect();
        let links = list(&metadata["resolve"]["nodes"]).map(|node| (id(node), linked(node))).collect();
        Ok(Self { root: root.to_owned(), packages, links })
    }

    /// The list and the texts for what these packages of ours are made of, and what `scripts`, npm's packages, bring.
    pub(crate) fn of(&self, ours: &[&str], scripts: &[&str]) -> Result<String> {
        let crates = self.others(ours).into_iter().map(|id| Third::of_crate(&self.packages[id]));
        let mut others = crates.collect::<Result<Vec<_>>>()?;
        ensure!(!others.is_empty(), "nothing is known of what {ours:?} are made of");
        others.extend(npm::others(&self.root, scripts)?);
        let mut said = format!(
            "{} contains the following, beside the standard library of Rust (MIT OR Apache-2.0,\n\
             https://www.rust-lang.org). Texts that came with them are below.\n\n",
            ours.join(", ")
        );
        let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for Third { title, licence, place, texts: own } in others {
            writeln!(said, "{title}: {licence}  {place}")?;
            own.into_iter().for_each(|text| texts.entry(text).or_default().push(title.clone()));
        }
        for (licence, titles) in texts {
            write!(said, "\n{RULE}\n{}\n{RULE}\n\n{licence}\n", titles.join(", "))?;
        }
        Ok(said)
    }

    /// What is linked in, and is not ours.
    fn others(&self, ours: &[&str]) -> BTreeSet<&str> {
        let is_ours = |id: &&String| self.packages[*id]["source"].is_null();
        let named = |id: &&String| ours.contains(&text(&self.packages[*id], "name"));
        let mut todo: Vec<&String> = self.packages.keys().filter(is_ours).filter(named).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = todo.pop() {
            // What runs while compiling is not in what comes out.
            if !is_macro(&self.packages[id]) && seen.insert(id.as_str()) {
                todo.extend(self.links.get(id).into_iter().flatten());
            }
        }
        seen.retain(|id| !self.packages[*id]["source"].is_null());
        seen
    }
}

impl Third {
    fn of_crate(package: &Value) -> Result<Self> {
        let folder = Path::new(text(package, "manifest_path")).parent().context("a manifest is in a folder")?;
        let licence = package["license"].as_str().or_else(|| package["license_file"].as_str());
        Self::new(package, licence, text(package, "repository"), folder)
    }

    fn new(package: &Value, licence: Option<&str>, place: &str, folder: &Path) -> Result<Self> {
        let title = format!("{} {}", text(package, "name"), text(package, "version"));
        let licence = licence.with_context(|| format!("{title} does not say what it may be used for"))?.to_owned();
        let texts = licence_texts(folder).with_context(|| format!("{} can't be read", folder.display()))?;
        Ok(Self { title, licence, place: place.to_owned(), texts })
    }
}

fn linked(node: &Value) -> Vec<String> {
    let is_normal = |dependency: &&Value| list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null());
    list(&node["deps"]).filter(is_normal).map(|dependency| text(dependency, "pkg").to_owned()).collect()
}

fn is_macro(package: &Value) -> bool {
    list(&package["targets"]).any(|target| list(&target["kind"]).any(|kind| kind == "proc-macro"))
}

/// Of the files that packages call so.
fn licence_texts(folder: &Path) -> Result<Vec<String>> {
    let mut names: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<Result<_>>()?;
    names.retain(|name| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"].iter().any(|word| name.starts_with(word))
    });
    names.sort();
    let files = names.iter().map(|name| folder.join(name)).filter(|path| path.is_file());
    files.map(|path| Ok(fs::read_to_string(path)?.replace("\r\n", "\n").trim().to_owned())).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
