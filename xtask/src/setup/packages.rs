//! The system's package manager, where it asks nothing.

use std::ffi::OsStr;

use anyhow::Result;
use locate_chromium::on_path;

use crate::run::{read, run_quietly, words};

/// Its program, and what to run; the package's name comes behind the last line.
const MANAGERS: [Manager; 6] = [
    Manager("apt-get", &["apt-get update", "env DEBIAN_FRONTEND=noninteractive apt-get install --yes"]),
    Manager("dnf", &["dnf install --assumeyes"]),
    Manager("pacman", &["pacman --sync --noconfirm"]),
    Manager("apk", &["apk add"]),
    Manager("zypper", &["zypper --non-interactive install"]),
    Manager("brew", &["brew install"]),
];

/// A package manager.
#[derive(Clone, Copy)]
pub(super) struct Manager(&'static str, &'static [&'static str]);

impl Manager {
    /// The one that this machine has.
    pub(super) fn find(search_path: &OsStr) -> Option<Self> {
        MANAGERS.into_iter().find(|Self(program, _)| on_path(program, search_path).is_some())
    }

    pub(super) fn program(self) -> &'static str {
        self.0
    }

    /// What installs a package, line by line.
    pub(super) fn lines(self, package: &str) -> Vec<String> {
        let mut lines: Vec<_> = self.1.iter().map(|&line| line.to_owned()).collect();
        if let Some(last) = lines.last_mut() {
            last.push(' ');
            last.push_str(package);
        }
        lines
    }

    /// What a line starts with for it to ask nothing, if there is such a thing.
    pub(super) fn prefix(self) -> Option<&'static str> {
        if self.program() == "brew" || read(&mut words("id -u")).is_ok_and(|id| id == "0") {
            return Some("");
        }
        read(&mut words("sudo -n true")).is_ok().then_some("sudo -n")
    }
}

/// Runs lines that install something, each behind this prefix.
pub(super) fn install(prefix: &str, lines: &[String]) -> Result<()> {
    let results = lines.iter().map(|line| run_quietly(&mut words(&format!("{prefix} {line}"))));
    // One source that cannot be updated is no reason not to install from the others.
    results.reduce(|before, last| last.map_err(|error| before.err().unwrap_or(error))).unwrap_or(Ok(()))
}
