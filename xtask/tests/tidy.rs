//! The architecture's invariants, as far as they can be read from the sources: ARCHITECTURE.md says why.
//!
//! - `rooms`: browser-run-local's

#[path = "tidy/rooms.rs"]
mod rooms;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The Worker's files that may reach the platform. Every other one is rules over plain values: it can be tested
/// natively, at any time of day, since time comes as an argument.
const SHELLS: &[&str] = &[
    "src/access/team.rs",
    "src/app.rs",
    "src/browser_run/fetch.rs",
    "src/config.rs",
    "src/js.rs",
    "src/ledger_client.rs",
    "src/ledger_do.rs",
    "src/lib.rs",
    "src/page_url.rs",
    "src/reply.rs",
    "src/request.rs",
    "src/router.rs",
    "src/routes",
    "src/sweep_cron.rs",
];
/// What reaches the platform, or asks a clock.
const PLATFORM: &[&str] = &["worker::", "wasm_bindgen", "js_sys", "js::", "SystemTime::now", "Instant::now"];

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

    /// Whether the file that declares it does so for tests only.
    fn is_for_tests(&self) -> bool {
        [
            "src/browser_run/scripted.rs",
            "src/fuzz.rs",
            "src/open/losses.rs",
            "src/sweep/properties.rs",
            "src/test_app.rs",
        ]
        .iter()
        .any(|path| self.is(path))
    }

    /// Without comments, and without what is compiled for tests only: what remains is the program.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = program_lines(&self.text).into_iter();
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Where the program mentions one of `words`, each as `path:line: text`.
    fn mentions(&self, words: &[&str]) -> Vec<String> {
        let found = self.code().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.map(|(number, line)| format!("{}:{number}: {}", self.path.display(), line.trim())).collect()
    }
}

/// The numbered lines without items behind `#[cfg(test)]`, wherever they stand. As rustfmt writes it, an item ends with
/// its first line, or with a line of its own indentation that closes it.
fn program_lines(text: &str) -> Vec<(usize, &str)> {
    let mut program = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if line.trim_start() != "#[cfg(test)]" {
            program.push((number, line));
            continue;
        }
        let indentation = &line[..line.len() - line.trim_start().len()];
        let item = lines.by_ref().map(|(_, line)| line).find(|line| !line.trim_start().starts_with("#["));
        if item.is_none_or(|line| line.ends_with([';', ',', '}'])) {
            continue;
        }
        lines.find(|(_, line)| line.strip_prefix(indentation).is_some_and(|rest| rest.starts_with('}')));
    }
    program
}

#[test]
fn code_is_left_unread_only_where_it_is_compiled_for_tests() {
    let text = "mod a;\n#[cfg(test)]\nmod b;\nimpl A {\n    #[cfg(test)]\n    #[must_use]\n    fn t(\n        &self,\n    ) {\n        \
                worker::x();\n    }\n\n    fn u() {}\n}\n#[cfg(test)]\nmod tests {\n    fn v() {}\n}\nfn w() {}\n";
    let read: Vec<_> = program_lines(text).into_iter().map(|(_, line)| line).collect();
    assert_eq!(read, ["mod a;", "impl A {", "", "    fn u() {}", "}", "fn w() {}"]);
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
fn the_workers_rules_reach_no_platform_and_ask_no_clock() {
    let is_shell = |source: &Source| SHELLS.iter().any(|path| source.is_below(path));
    let sources = sources().into_iter().filter(|source| source.is_below("src") && !source.is_for_tests());
    let (shells, rules): (Vec<_>, Vec<_>) = sources.partition(is_shell);
    let found = rules.iter().flat_map(|source| source.mentions(PLATFORM)).collect();
    nothing(found, "these are rules, tested natively: what they need comes as an argument, or SHELLS names the file");
    let idle =
        |path: &&&str| !shells.iter().any(|source| source.is_below(path) && !source.mentions(PLATFORM).is_empty());
    nothing(SHELLS.iter().filter(idle).map(ToString::to_string).collect(), "SHELLS names what reaches no platform");
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
