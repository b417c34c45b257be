//! The architecture's invariants, as far as they can be read from the sources: ARCHITECTURE.md says why.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Paths of files whose rules take the time as an argument and reach nothing outside, such as `src/sweep.rs`.
const PURE: &[&str] = &[
    "src/access/jwt.rs",
    "src/access/same_origin.rs",
    "src/access/tokens.rs",
    "src/click.rs",
    "src/hosts.rs",
    "src/ledger.rs",
    "src/ledger/claims.rs",
    "src/ledger/command.rs",
    "src/ledger/limits.rs",
    "src/ledger/links.rs",
    "src/ledger/record.rs",
    "src/link.rs",
    "src/page_url.rs",
    "src/preview.rs",
    "src/query.rs",
    "src/signed_link.rs",
    "src/sweep.rs",
    "src/time.rs",
    "crates/browser-run-local/src/ledger.rs",
    "crates/browser-run-local/src/life.rs",
];

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

    /// Without comments and without the tests at the file's foot: what remains is the program.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(index, line)| (index + 1, line))
    }

    /// Where the program mentions one of `words`, each as `path:line: text`.
    fn mentions(&self, words: &[&str]) -> Vec<String> {
        let found = self.code().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.map(|(number, line)| format!("{}:{number}: {}", self.path.display(), line.trim())).collect()
    }
}

#[test]
fn browser_run_api_knows_neither_server_nor_platform() {
    let manifest = fs::read_to_string(root().join("crates/browser-run-api/Cargo.toml")).unwrap();
    let (_, dependencies) = manifest.split_once("\n[dependencies]\n").unwrap();
    let names = dependencies.lines().take_while(|line| !line.starts_with('['));
    let other: Vec<&str> = names.filter(|line| !line.is_empty() && !line.starts_with("serde")).collect();
    assert!(
        other.is_empty(),
        "crates/browser-run-api is shared by a wasm and a native program: serde and serde_json only, not {other:?}"
    );
}

#[test]
fn only_the_workers_config_reads_variables_and_secrets() {
    let others = sources().into_iter().filter(|source| source.is_below("src") && !source.is("src/config.rs"));
    let found = others
        .flat_map(|source| {
            source.mentions(&["env.var(", "env.secret(", "env.service(", "env.durable_object(", "Reflect::get(env"])
        })
        .collect();
    nothing(found, "src/config.rs reads every variable and secret, so that one place says what is configured");
}

#[test]
fn only_chromium_rs_starts_processes() {
    const PLACE: &str = "crates/browser-run-local/src";
    let others = sources()
        .into_iter()
        .filter(|source| source.is_below(PLACE) && !source.is("crates/browser-run-local/src/chromium.rs"));
    let found = others.flat_map(|source| source.mentions(&["Command::new"])).collect();
    nothing(found, "chromium.rs starts every process, so that one place sees to it that none is left behind");
}

#[test]
fn pure_files_do_no_io_and_ask_no_clock() {
    let sources = sources();
    for path in PURE {
        let source = sources.iter().find(|source| source.is(path));
        let found = source.unwrap_or_else(|| panic!("PURE names {path}, which is not there")).mentions(&[
            "worker::",
            "Date::now",
            "SystemTime::now",
            "Instant::now",
        ]);
        nothing(found, "these rules are tested natively, at any time of day: time comes as an argument");
    }
}

#[test]
fn every_file_opens_with_its_job() {
    let silent = sources().into_iter().filter(|source| !source.text.starts_with("//!"));
    nothing(paths(silent), "a file's first line is `//!` and what it is for");
}

#[test]
fn no_file_is_over_400_lines() {
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
