//! The rooms of both programs: which may import which, which files reach nothing outside, and that no two files need each
//! other.
//!
//! All of every file is read, its tests included; comments are not.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, nothing, sources};

/// A program's folder, and its rules.
struct House {
    place: &'static str,
    /// Each room or file at the top, and what it may import: only what comes before it here.
    rooms: &'static [(&'static str, &'static [&'static str])],
    /// Rooms and files that reach the outside. Every other one is rules over plain values.
    shells: &'static [&'static str],
    /// What reaches the outside, waits for somebody who does, or asks a clock.
    outside: &'static [&'static str],
}

const WORKER: House = House {
    place: "src",
    rooms: &[
        ("domain", &[]),
        ("js", &[]),
        ("log", &["js"]),
        ("config", &["domain", "js"]),
        ("browser_run", &["domain", "js", "log"]),
        ("ledger", &["config", "domain", "js", "log"]),
        ("service", &["browser_run", "config", "domain", "js", "ledger", "log"]),
        ("http", &["browser_run", "config", "domain", "js", "ledger", "log", "service"]),
        ("chaos", &["browser_run", "config", "domain", "http", "ledger", "log", "service"]),
    ],
    shells: &[
        "browser_run.rs",
        "browser_run/fetch.rs",
        "browser_run/recordings.rs",
        "browser_run/scripted.rs",
        "chaos",
        "config.rs",
        "http",
        "js",
        "js.rs",
        "ledger/client.rs",
        "ledger/ledger_do.rs",
        "ledger/object.rs",
        "lib.rs",
        "log.rs",
        "service",
        "service.rs",
    ],
    outside: &["wasm_bindgen", "js::", ".await", "SystemTime::now", "Instant::now"],
};

const BROWSER_RUN_LOCAL: House = House {
    place: "crates/browser-run-local/src",
    rooms: &[
        ("clock", &[]),
        ("chromium", &[]),
        ("cdp", &[]),
        ("guardrails", &[]),
        ("recording", &["cdp", "chromium", "clock"]),
        ("session", &["cdp", "chromium", "clock", "guardrails", "recording"]),
        ("live_view", &["chromium", "clock", "session"]),
        ("faults", &["clock", "session"]),
        ("config", &["chromium", "clock", "faults", "session"]),
        ("http", &["cdp", "chromium", "clock", "config", "faults", "guardrails", "live_view", "recording", "session"]),
    ],
    shells: &[
        "cdp/commands.rs",
        "cdp/proxy.rs",
        "chromium",
        "clock.rs",
        "config.rs",
        "faults/inject.rs",
        "guardrails/http_proxy.rs",
        "http",
        "live_view/front_end.rs",
        "main.rs",
        "recording/files.rs",
        "recording/finish.rs",
        "recording/kept.rs",
        "recording/openings.rs",
        "recording/recorder.rs",
        "recording/recordings.rs",
        "recording/room.rs",
        "session/launcher.rs",
        "session/observer.rs",
        "session/open_handoffs.rs",
        "session/open_session.rs",
        "session/sessions.rs",
        "session/transfers.rs",
    ],
    outside: &["tokio::", ".await", "reqwest", "fs::", "env::", "process::", "SystemTime::now", "Instant::now"],
};

const HOUSES: [House; 2] = [WORKER, BROWSER_RUN_LOCAL];

/// One path that a file mentions.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    /// The file, or its tests.
    from: Module,
    path: Module,
}

/// A module's place from the crate's root on: `["session", "registry"]`.
type Module = Vec<String>;

#[test]
fn rooms_import_only_rooms_below_them() {
    for house in HOUSES {
        let mut found = Vec::new();
        for source in house.files() {
            let room = &house.module(&source)[0];
            let Some((_, allowed)) = house.rooms.iter().find(|(name, _)| name == room) else {
                found.push(format!("{}: no room is named so", source.path.display()));
                continue;
            };
            let others = house.imports(&source).into_iter();
            let others = others.filter(|import| import.path[0] != *room && !allowed.contains(&&*import.path[0]));
            found.extend(others.map(|import| format!("{}: {}", source.path.display(), import.path.join("::"))));
        }
        nothing(found, "this room may not import that one: the order is here, and in the program's lib.rs");
        for (index, (room, allowed)) in house.rooms.iter().enumerate() {
            let before = |name: &&&str| house.rooms[..index].iter().any(|(earlier, _)| *earlier == **name);
            assert!(allowed.iter().all(|name| before(&name)), "{room} may import only what comes before it");
        }
    }
}

#[test]
fn files_of_the_rooms_need_each_other_in_no_circle() {
    HOUSES.iter().for_each(expect_no_circle);
}

fn expect_no_circle(house: &House) {
    let sources: Vec<_> = house.files().collect();
    let modules: BTreeSet<Module> = sources.iter().map(|source| house.module(source)).collect();
    let mut needs: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for source in &sources {
        for Import { from, path } in house.imports(source) {
            // A file's tests stand above it, and nobody needs them.
            let file = file_of(&path, &modules).filter(|file| *file != from);
            needs.entry(from).or_default().extend(file);
        }
    }
    // What needs nothing, or is needed by nothing, is in no circle.
    let free = |needs: &BTreeMap<Module, BTreeSet<Module>>| {
        let needed: BTreeSet<_> = needs.values().flatten().collect();
        let free = needs.iter().find(|(module, own)| own.is_empty() || !needed.contains(module));
        free.map(|(module, _)| module.clone())
    };
    while let Some(free) = free(&needs) {
        needs.remove(&free);
        let left: BTreeSet<_> = needs.keys().cloned().collect();
        needs.values_mut().for_each(|needs| needs.retain(|module| left.contains(module)));
    }
    let circle = needs.into_iter().map(|(module, needs)| format!("{module:?} needs {needs:?}")).collect();
    nothing(circle, "these files need each other");
}

#[test]
fn files_that_are_no_shells_reach_nothing_outside_and_ask_no_clock() {
    for house in HOUSES {
        let below = |source: &Source, path: &str| source.is_below(&format!("{}/{path}", house.place));
        let sources = sources().into_iter().filter(|source| source.is_below(house.place));
        let (shells, rules): (Vec<_>, Vec<_>) =
            sources.partition(|source| house.shells.iter().any(|path| below(source, path)));
        let found = rules.iter().flat_map(|source| source.mentions(house.outside)).collect();
        nothing(
            found,
            "these rules are tested at any time of day: what they need comes as an argument, or it is a shell",
        );
        let is_idle = |path: &&&str| {
            !shells.iter().any(|source| below(source, path) && !source.mentions(house.outside).is_empty())
        };
        nothing(house.shells.iter().filter(is_idle).map(ToString::to_string).collect(), "this shell reaches nothing");
    }
}

#[test]
fn rooms_other_than_chromium_start_no_processes() {
    let house = BROWSER_RUN_LOCAL;
    let others = house.files().filter(|source| house.module(source)[0] != "chromium");
    let found = others.flat_map(|source| source.mentions(&["process::Command", "Command::new", "process_guard"]));
    nothing(found.collect(), "chromium/ starts every process, so that one place sees to it that none is left behind");
}

#[test]
fn imports_are_read_from_trees_and_from_paths() {
    let text = "use super::{a, b::{C, d::E}};\nuse crate::x::Y as _;\nfn f() {\n    super::super::g(crate::h::I)\n}\n\
                // crate::comment\npub(crate) mod z;\nmod tests {\n    use super::*;\n}\nuse super::last;\n";
    let source = Source { path: format!("{}/room/file.rs", WORKER.place).into(), text: text.to_owned() };
    let read: Vec<_> = WORKER.imports(&source).into_iter().map(|import| import.path.join("::")).collect();
    let read: BTreeSet<_> = read.iter().map(String::as_str).collect();
    let read: Vec<_> = read.into_iter().collect();
    assert_eq!(read, ["g", "h::I", "room::a", "room::b::C", "room::b::d::E", "room::file::", "room::last", "x::Y"]);
}

impl House {
    /// Every file in a room, and those at the top that have a line in `rooms`: all but lib.rs and main.rs.
    fn files(&self) -> impl Iterator<Item = Source> {
        let place = self.place;
        let is_root =
            move |source: &Source| ["lib.rs", "main.rs"].iter().any(|name| source.is(&format!("{place}/{name}")));
        sources().into_iter().filter(move |source| source.is_below(place) && !is_root(source))
    }

    fn module(&self, source: &Source) -> Module {
        let path = source.path.strip_prefix(self.place).expect("it is in this house").with_extension("");
        path.iter().map(|part| part.to_str().expect("a module has a plain name").to_owned()).collect()
    }

    /// Every path in a file that starts with `crate` or `super`, from the crate's root on; `use` trees are taken apart.
    fn imports(&self, source: &Source) -> BTreeSet<Import> {
        let code: String = source.code().map(|(_, line)| format!("{line}\n")).collect();
        let mut found = BTreeSet::new();
        for (at, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
            if code[..at].ends_with(|before: char| is_of_name(before) || before == ':') {
                continue;
            }
            let mut base = self.module(source);
            let tests = code[..at].rsplit_once("\nmod tests {");
            if tests.is_some_and(|(_, inside)| !inside.contains("\n}\n")) {
                base.push("tests".to_owned());
            }
            let from = base.clone();
            let mut tree = &code[at..];
            while let Some(rest) = tree.strip_prefix("super::") {
                base.pop();
                tree = rest;
            }
            if let Some(rest) = tree.strip_prefix("crate::") {
                base.clear();
                tree = rest;
            }
            let mut paths = BTreeSet::new();
            take_apart(&base, tree, &mut paths);
            found.extend(paths.into_iter().map(|path| Import { from: from.clone(), path }));
        }
        found
    }
}

/// The file of the deepest module on a path.
fn file_of(path: &[String], modules: &BTreeSet<Module>) -> Option<Module> {
    (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|module| modules.contains(module))
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
