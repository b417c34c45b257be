//! What `cargo xtask` says on a machine that lacks something.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic like the test itself")]

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

/// A folder with programs that are shell scripts.
fn programs(scripts: &[(&str, &str)]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("programs");
    fs::create_dir_all(&folder).unwrap();
    for (name, script) in scripts {
        let file = folder.join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

#[test]
fn missing_things_are_said_all_at_once_before_anything_is_done() {
    // A Rust without the wasm target and without rustup, and a browser that is not where somebody said.
    let path = programs(&[("rustc", "echo /nowhere"), ("cargo", "exit 1")]);
    for (command, tools) in [("dev", false), ("test", true)] {
        let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
        xtask.arg(command).env("PATH", &path).env("CHROMIUM", "/nowhere/chromium");
        if command == "dev" {
            xtask.args(["--port", "0", "--browser-run-port", "0"]);
        }
        let output = xtask.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{said}");
        assert!(said.contains("wasm32-unknown-unknown") && said.contains("https://rustup.rs"), "{said}");
        assert!(said.contains("CHROMIUM is /nowhere/chromium, which is no program"), "{said}");
        assert_eq!(said.contains("rustup component add clippy"), tools, "{said}");
        assert!(!said.contains("[1/"), "{said}");
    }
}
