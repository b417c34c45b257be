//! What is in `dist/`, of programs and a Worker that are made up: what is real is compiled by `cargo xtask dist` alone.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
};

use flate2::read::GzDecoder;
use serde_json::Value;
use tempfile::TempDir;

use super::*;

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The project as it is, but for what would have to be built.
fn project(folder: &TempDir) -> Project {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let made = folder.path();
    for name in [
        "Cargo.toml", "Cargo.lock", "assets", "crates", "node_modules", "package-lock.json", "package.json", "src",
        "tests", "wrangler.toml", "xtask",
    ] {
        std::os::unix::fs::symlink(root.join(name), made.join(name)).unwrap();
    }
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root.join(name), made.join(name)).unwrap();
    }
    fs::create_dir(made.join("build")).unwrap();
    for file in ["build/index.js", "build/index_bg.wasm", "browser-run-local", "devtools-link"] {
        fs::write(made.join(file), file).unwrap();
    }
    let [target, version, repository] = [TARGET, "1.2.3", "https://git.example/us/it"].map(str::to_owned);
    Project { root: made.to_owned(), target, programs: made.to_owned(), version, repository }
}

/// Its files by path, each with mode and text.
fn unpacked(archive: &[u8]) -> BTreeMap<String, (u32, String)> {
    let mut archive = tar::Archive::new(GzDecoder::new(archive));
    let entry = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let (path, mode) = (entry.path().unwrap().display().to_string(), entry.header().mode().unwrap());
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (path, (mode, text))
    };
    archive.entries().unwrap().map(entry).collect()
}

#[test]
fn dist_is_whole_and_the_same_bytes_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(&folder);
    let dist = pack(&project).unwrap();
    assert!(dist == pack(&project).unwrap(), "two packs of the same differ");

    let paths: Vec<_> = dist.iter().map(|(path, _)| path.as_str()).filter(|path| !path.contains("/assets/")).collect();
    let expected = [
        ".dockerignore",
        "Dockerfile",
        "SHA256SUMS",
        "browser-run-local-1.2.3.tgz",
        "browser-run-local-linux-x64-1.2.3.tgz",
        "browser-run-local-x86_64-unknown-linux-gnu.tar.gz",
        "devtools-link-x86_64-unknown-linux-gnu.tar.gz",
        "worker/.dev.vars.example",
        "worker/.gitignore",
        "worker/LICENSE-APACHE",
        "worker/LICENSE-MIT",
        "worker/README.md",
        "worker/THIRD-PARTY.txt",
        "worker/index.js",
        "worker/index_bg.wasm",
        "worker/package.json",
        "worker/wrangler.jsonc",
    ];
    assert_eq!(paths, expected);
    let file = |path: &str| &dist.iter().find(|(name, _)| *name == path).unwrap().1.bytes;
    expect_archives(file);
    expect_worker(file);

    let written = folder.path().join("dist");
    dist.write(&written).unwrap();
    assert_eq!(
        fs::read(written.join("worker/assets/openapi.json")).unwrap(),
        project.read("assets/openapi.json").unwrap()
    );
    // As whoever downloads it checks it, on Linux or macOS.
    let check = r#"if command -v sha256sum; then sha256sum -c SHA256SUMS; else shasum -a 256 -c SHA256SUMS; fi"#;
    assert!(Command::new("sh").args(["-c", check]).current_dir(written).output().unwrap().status.success());
}

/// The launcher, where npm has installed a program that is `script` for this platform, and rrweb.
fn launcher(folder: &TempDir, script: &str) -> Command {
    let platform = "process.platform + '-' + process.arch";
    let platform = Command::new("node").args(["--print", platform]).output().unwrap().stdout;
    let name = format!("browser-run-local-{}", String::from_utf8(platform).unwrap().trim());
    let mut installed = Files::default();
    installed.add_program(&format!("node_modules/{name}/browser-run-local"), format!("#!/bin/sh\n{script}\n").into());
    installed.add("node_modules/rrweb/umd/rrweb.min.js", "rrweb");
    installed.add_all("node_modules/browser-run-local", Files::read(&files_folder()).unwrap());
    installed.write(folder.path()).unwrap();
    let mut node = Command::new("node");
    node.arg(folder.path().join("node_modules/browser-run-local/launcher.js"));
    node
}

fn files_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("files")
}

#[test]
fn the_launcher_passes_on_arguments_rrweb_and_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut launcher = launcher(&folder, r#"echo "$# $1 ${BROWSER_RUN_LOCAL_RRWEB##*/node_modules/}"; exit 7"#);
    let output = launcher.args(["--token", "a b"]).env_remove("BROWSER_RUN_LOCAL_RRWEB").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "2 --token rrweb/umd/rrweb.min.js\n");
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn the_launcher_ends_the_program_when_nobody_is_left_who_started_it() {
    let folder = tempfile::tempdir().unwrap();
    let launcher = launcher(&folder, "trap 'echo ended; exit' TERM; echo started; while :; do sleep 0.1; done");
    let mut shell = Command::new("sh");
    shell.args(["-c", r#""$@" & wait"#, "sh", "node"]).args(launcher.get_args()).stdout(Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    let mut said = BufReader::new(shell.stdout.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "started");
    shell.kill().unwrap();
    assert_eq!(said.next().unwrap().unwrap(), "ended");
    shell.wait().unwrap();
}

fn expect_archives<'a>(file: impl Fn(&str) -> &'a Vec<u8>) {
    let native = unpacked(file("browser-run-local-x86_64-unknown-linux-gnu.tar.gz"));
    let program = &native["browser-run-local-x86_64-unknown-linux-gnu/browser-run-local"];
    assert_eq!(program, &(0o755, "browser-run-local".to_owned()));
    let third_party = &native["browser-run-local-x86_64-unknown-linux-gnu/THIRD-PARTY.txt"].1;
    assert!(
        third_party.contains("\ntokio 1.") && third_party.contains("Copyright (c) Tokio Contributors"),
        "{third_party}"
    );
    assert!(!third_party.contains("\nbrowser-run-api "), "ours are no third party's");

    let platform = unpacked(file("browser-run-local-linux-x64-1.2.3.tgz"));
    assert_eq!(platform["package/browser-run-local"].0, 0o755);
    assert!(third_party.contains("\nrrweb 2."), "{third_party}");
    assert!(native["browser-run-local-x86_64-unknown-linux-gnu/rrweb.min.js"].1.contains("rrweb"));
    let launcher = unpacked(file("browser-run-local-1.2.3.tgz"));
    let [platform, launcher] = [platform, launcher]
        .map(|package| -> Value { serde_json::from_str(&package["package/package.json"].1).unwrap() });
    assert_eq!(launcher["repository"], "https://git.example/us/it");
    assert_eq!(launcher["optionalDependencies"][platform["name"].as_str().unwrap()], platform["version"]);
    assert_eq!(
        (&platform["os"][0], &platform["cpu"][0], &platform["libc"][0]),
        (&"linux".into(), &"x64".into(), &"glibc".into())
    );
}

fn expect_worker<'a>(file: impl Fn(&str) -> &'a Vec<u8>) {
    let package: Value = serde_json::from_slice(file("worker/package.json")).unwrap();
    let described = |name: &str| package["cloudflare"]["bindings"][name]["description"].as_str().unwrap();
    for name in ["ACCESS_TOKENS", "CLOUDFLARE_API_TOKEN", "LINK_KEYS", "KEEP_ALIVE_SECONDS", "LOG_URLS"] {
        assert!(described(name).len() > 20, "{name}: {}", described(name));
    }
    let readme = String::from_utf8(file("worker/README.md").clone()).unwrap();
    assert!(readme.contains("?url=https://git.example/us/it/tree/worker)"), "{readme}");
    let configuration = String::from_utf8(file("worker/wrangler.jsonc").clone()).unwrap();
    assert!(
        !configuration.contains("\"build\"") && configuration.contains("\"main\": \"index.js\""),
        "{configuration}"
    );
    let third_party = String::from_utf8(file("worker/THIRD-PARTY.txt").clone()).unwrap();
    assert!(
        ["\nwasm-bindgen 0.", "\nrrweb-player 2."].iter().all(|other| third_party.contains(other)),
        "{third_party}"
    );
}
