//! The architecture's invariants, as far as they can be read from the sources: ARCHITECTURE.md says why.
//!
//! - `rooms`: which room may import which, which files reach the outside, and that no two files need each other

#[path = "tidy/rooms.rs"]
mod rooms;

use std::{
    fs,
    path::{Path, PathBuf},
};

struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// As it is written in the project, with slashes.
    fn is(&self, path: &str) -> bool {
        self.path == Path::new(path)
    }

    fn is_below(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    /// Where it mentions one of `words`, each as `path:line: text`.
    fn mentions(&self, words: &[&str]) -> Vec<String> {
        let found = self.code().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.map(|(number, line)| format!("{}:{number}: {}", self.path.display(), line.trim())).collect()
    }

    /// The numbered lines without comments, tests included.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

#[test]
fn browser_run_api_knows_neither_server_nor_platform() {
    let manifest = fs::read_to_string(root().join("crates/browser-run-api/Cargo.toml")).unwrap();
    let (_, dependencies) = manifest.split_once("\n[dependencies]\n").unwrap();
    let names = dependencies.lines().take_while(|line| !line.starts_with('['));
    let other: Vec<&str> = names
        .filter(|line| !line.is_empty() && !line.starts_with("serde") && !line.starts_with("lean-json."))
        .collect();
    assert!(
        other.is_empty(),
        "crates/browser-run-api is shared by a wasm and a native program: serde and lean-json only, not {other:?}"
    );
}

#[test]
fn only_the_workers_config_reads_variables_and_secrets() {
    let others = sources().into_iter().filter(|source| source.is_below("src") && !source.is("src/config.rs"));
    let found = others.flat_map(|source| source.mentions(&["env.get("])).collect();
    nothing(found, "src/config.rs reads every variable and secret, so that one place says what is configured");
}

#[test]
fn a_first_run_says_what_it_compiles() {
    let alias = fs::read_to_string(root().join(".cargo/config.toml")).unwrap();
    assert!(alias.contains("xtask = ") && !alias.contains("quiet"), "nobody waits half a minute without a word");
}

#[test]
fn every_file_opens_with_its_job() {
    let silent = sources().into_iter().filter(|source| !source.text.starts_with("//!"));
    nothing(paths(silent), "a file's first line is `//!` and what it is for");
}

#[test]
fn files_are_not_over_400_lines() {
    let long = sources().into_iter().filter(|source| source.text.lines().count() > 400);
    nothing(paths(long), "a file that long has more than one job: split it");
}

fn nothing(found: Vec<String>, reason: &str) {
    assert!(found.is_empty(), "{reason}\n{}", found.join("\n"));
}

fn paths(sources: impl Iterator<Item = Source>) -> Vec<String> {
    sources.map(|source| source.path.display().to_string()).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the root")
}

/// Every Rust file of the project.
fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    for folder in ["src", "crates", "tests", "xtask"] {
        collect(&root().join(folder), &mut files);
    }
    assert!(files.len() > 10, "the sources are not where they were");
    let read = |path: PathBuf| Source {
        text: fs::read_to_string(&path).expect("a source can be read"),
        path: path.strip_prefix(root()).expect("a source lies in the root").to_owned(),
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
