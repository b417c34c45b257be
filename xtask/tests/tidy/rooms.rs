//! browser-run-local's rooms: which may import which, which files do no I/O, and that no two files need each other.
//!
//! All of every file is read, its tests included; comments are not.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, nothing, sources};

const PLACE: &str = "crates/browser-run-local/src";

/// Each room or file at the top, and what it may import: only what comes before it here.
const ROOMS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("chromium", &[]),
    ("cdp", &[]),
    ("guardrails", &[]),
    ("session", &["cdp", "chromium", "clock", "guardrails"]),
    ("live_view", &["chromium", "clock", "session"]),
    ("faults", &["clock", "session"]),
    ("config", &["chromium", "clock", "faults", "session"]),
    ("http", &["cdp", "chromium", "clock", "config", "faults", "guardrails", "live_view", "session"]),
];

/// Rooms and files that do I/O or ask a clock. Every other one is rules over plain values.
const SHELLS: &[&str] = &[
    "cdp/proxy.rs",
    "chromium",
    "clock.rs",
    "config.rs",
    "faults/inject.rs",
    "guardrails/http_proxy.rs",
    "http",
    "live_view/front_end.rs",
    "main.rs",
    "session/launcher.rs",
    "session/open_handoffs.rs",
    "session/sessions.rs",
];

/// What does I/O, waits for somebody who does, or asks a clock.
const INPUT_OUTPUT: &[&str] =
    &["tokio::", ".await", "reqwest", "fs::", "env::", "process::", "SystemTime::now", "Instant::now"];

/// A module's place from the crate's root on: `["session", "registry"]`.
type Module = Vec<String>;

#[test]
fn rooms_import_only_rooms_below_them() {
    let mut found = Vec::new();
    for source in rooms() {
        let room = &module(&source)[0];
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| name == room) else {
            found.push(format!("{}: ROOMS does not name it", source.path.display()));
            continue;
        };
        let others = imports(&source).into_iter().filter(|path| path[0] != *room && !allowed.contains(&&*path[0]));
        found.extend(others.map(|path| format!("{}: {}", source.path.display(), path.join("::"))));
    }
    nothing(found, "this room may not import that one: ROOMS and browser-run-local's lib.rs have the order");
    for (index, (room, allowed)) in ROOMS.iter().enumerate() {
        let before = |name: &&&str| ROOMS[..index].iter().any(|(earlier, _)| *earlier == **name);
        assert!(allowed.iter().all(|name| before(&name)), "{room} may import only what comes before it");
    }
}

#[test]
fn files_of_the_rooms_need_each_other_in_no_circle() {
    let sources: Vec<_> = rooms().collect();
    let modules: BTreeSet<Module> = sources.iter().map(module).collect();
    let mut needs: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for source in &sources {
        let own = module(source);
        let files = imports(source).into_iter().filter_map(|path| file_of(&path, &modules));
        needs.insert(own.clone(), files.filter(|file| *file != own).collect());
    }
    // What needs nothing, or is needed by nothing, is in no circle.
    let free = |needs: &BTreeMap<Module, BTreeSet<Module>>| {
        let is_needed = |module: &Module| needs.values().any(|others| others.contains(module));
        needs.iter().find(|(module, own)| own.is_empty() || !is_needed(module)).map(|(module, _)| module.clone())
    };
    while let Some(free) = free(&needs) {
        needs.remove(&free);
        needs.values_mut().for_each(|needs| needs.retain(|module| *module != free));
    }
    let circle = needs.into_iter().map(|(module, needs)| format!("{module:?} needs {needs:?}")).collect();
    nothing(circle, "these files need each other");
}

#[test]
fn files_that_are_no_shells_do_no_io_and_ask_no_clock() {
    let below = |source: &Source, path: &str| source.is_below(&format!("{PLACE}/{path}"));
    let sources = sources().into_iter().filter(|source| source.is_below(PLACE));
    let (shells, rules): (Vec<_>, Vec<_>) = sources.partition(|source| SHELLS.iter().any(|path| below(source, path)));
    let found = rules.iter().flat_map(|source| lines_with(source, INPUT_OUTPUT)).collect();
    nothing(found, "these rules are tested at any time of day: time comes as an argument, or SHELLS names the file");
    let is_idle =
        |path: &&&str| !shells.iter().any(|source| below(source, path) && !lines_with(source, INPUT_OUTPUT).is_empty());
    nothing(SHELLS.iter().filter(is_idle).map(ToString::to_string).collect(), "SHELLS names what does no I/O");
}

#[test]
fn rooms_other_than_chromium_start_no_processes() {
    let others = rooms().filter(|source| module(source)[0] != "chromium");
    let found = others.flat_map(|source| lines_with(&source, &["process::Command", "Command::new", "process_guard"]));
    nothing(found.collect(), "chromium/ starts every process, so that one place sees to it that none is left behind");
}

#[test]
fn imports_are_read_from_trees_and_from_paths() {
    let text = "use super::{a, b::{C, d::E}};\nuse crate::x::Y as _;\nfn f() {\n    super::super::g(crate::h::I)\n}\n\
                // crate::comment\npub(crate) mod z;\nmod tests {\n    use super::*;\n}\nuse super::last;\n";
    let source = Source { path: format!("{PLACE}/room/file.rs").into(), text: text.to_owned() };
    let read: Vec<_> = imports(&source).into_iter().map(|path| path.join("::")).collect();
    assert_eq!(read, ["g", "h::I", "room::a", "room::b::C", "room::b::d::E", "room::file::", "room::last", "x::Y"]);
}

/// Every file in a room, and those at the top that have a line in [`ROOMS`]: all but lib.rs and main.rs.
fn rooms() -> impl Iterator<Item = Source> {
    let is_root = |source: &Source| ["lib.rs", "main.rs"].iter().any(|name| source.is(&format!("{PLACE}/{name}")));
    sources().into_iter().filter(move |source| source.is_below(PLACE) && !is_root(source))
}

fn module(source: &Source) -> Module {
    let path = source.path.strip_prefix(PLACE).expect("it is below PLACE").with_extension("");
    path.iter().map(|part| part.to_str().expect("a module has a plain name").to_owned()).collect()
}

/// The file of the deepest module on a path.
fn file_of(path: &[String], modules: &BTreeSet<Module>) -> Option<Module> {
    (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|module| modules.contains(module))
}

/// Every path in a file that starts with `crate` or `super`, from the crate's root on; `use` trees are taken apart.
fn imports(source: &Source) -> BTreeSet<Module> {
    let code: String = code_lines(source).map(|(_, line)| format!("{line}\n")).collect();
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        if code[..at].ends_with(|before: char| is_of_name(before) || before == ':') {
            continue;
        }
        let mut base = module(source);
        let tests = code[..at].rsplit_once("\nmod tests {");
        if tests.is_some_and(|(_, inside)| !inside.contains("\n}\n")) {
            base.push("tests".to_owned());
        }
        let mut tree = &code[at..];
        while let Some(rest) = tree.strip_prefix("super::") {
            base.pop();
            tree = rest;
        }
        if let Some(rest) = tree.strip_prefix("crate::") {
            base.clear();
            tree = rest;
        }
        take_apart(&base, tree, &mut found);
    }
    found
}

/// Puts the paths of a tree into `found`, and returns what is behind the tree.
fn take_apart<'a>(base: &[String], tree: &'a str, found: &mut BTreeSet<Module>) -> &'a str {
    let tree = tree.trim_start();
    if let Some(mut rest) = tree.strip_prefix('{') {
        while !rest.trim_start().starts_with('}') {
            let behind = take_apart(base, rest, found);
            rest = &behind[behind.find([',', '}']).expect("a tree is closed")..];
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        return &rest.trim_start()[1..];
    }
    let end = tree.find(|c: char| !is_of_name(c)).unwrap_or(tree.len());
    let path = [base, &[tree[..end].to_owned()]].concat();
    match tree[end..].strip_prefix("::") {
        Some(rest) => take_apart(&path, rest, found),
        None => {
            found.insert(path);
            &tree[end..]
        }
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where a file mentions one of `words`, each as `path:line: text`.
fn lines_with(source: &Source, words: &[&str]) -> Vec<String> {
    let found = code_lines(source).filter(|(_, line)| words.iter().any(|word| line.contains(word)));
    found.map(|(number, line)| format!("{}:{number}: {}", source.path.display(), line.trim())).collect()
}

/// The numbered lines without comments.
fn code_lines(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(source.text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
}
