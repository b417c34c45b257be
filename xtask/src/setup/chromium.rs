//! Chromium, or a browser made of it: what is there, else by the system's package manager where that asks nothing, else
//! (see [`unpacked`]) below the project's own folder.

mod unpacked;

use std::{env, fs, path::PathBuf};

use anyhow::{Result, ensure};
use locate_chromium::{is_program, on_path};

use crate::run::{read, run_quietly, words};

/// A package manager: its program, and what to run.
type Manager = (&'static str, &'static [&'static str]);

const MANAGERS: [Manager; 6] = [
    ("apt-get", &["apt-get update", "env DEBIAN_FRONTEND=noninteractive apt-get install --yes chromium"]),
    ("dnf", &["dnf install --assumeyes chromium"]),
    ("pacman", &["pacman --sync --noconfirm chromium"]),
    ("apk", &["apk add chromium"]),
    ("zypper", &["zypper --non-interactive install chromium"]),
    ("brew", &["brew install --cask google-chrome"]),
];

/// How this machine comes to a browser.
enum Way {
    /// It is there.
    Found,
    /// The package manager's lines do it, each behind this prefix.
    Manager { prefix: &'static str, lines: &'static [&'static str] },
    /// Debian's packages, unpacked into a folder of ours: nobody has to be root for that.
    Unpacked,
    /// Somebody has to do this.
    ByHand(String),
}

/// What somebody has to do, if there is no other way.
pub(crate) fn missing() -> Option<String> {
    match way() {
        Way::ByHand(what) => Some(what),
        Way::Found | Way::Manager { .. } | Way::Unpacked => None,
    }
}

pub(crate) fn install() -> Result<()> {
    match way() {
        Way::Manager { prefix, lines } => {
            let results = lines.iter().map(|line| run_quietly(&mut words(&format!("{prefix} {line}"))));
            // One source that cannot be updated is no reason not to install from the others.
            results.reduce(|before, last| last.map_err(|error| before.err().unwrap_or(error))).unwrap_or(Ok(()))?;
        }
        Way::Unpacked => unpacked::install()?,
        Way::Found | Way::ByHand(_) => {}
    }
    ensure!(
        matches!(way(), Way::Found),
        "a browser was installed, and is in none of the usual places: name it in CHROMIUM"
    );
    Ok(())
}

/// How it comes to one; found, where a browser is. `CHROMIUM` names one, here as for browser-run-local.
fn way() -> Way {
    let search_path = env::var_os("PATH").unwrap_or_default();
    if let Some(named) = env::var_os("CHROMIUM").map(PathBuf::from) {
        return match locate_chromium::named(&named, &search_path) {
            Some(_) => Way::Found,
            None => Way::ByHand(format!("CHROMIUM is {}, which is no program", named.display())),
        };
    }
    if is_program(&unpacked::program()) || locate_chromium::installed(&search_path).is_some() {
        return Way::Found;
    }
    let by_hand = "no browser: install Chromium or Chrome, or name one in the environment variable CHROMIUM";
    // Ubuntu's chromium package is a snap, which cannot reach a profile in the temporary folder.
    let manager =
        MANAGERS.iter().find(|(program, _)| on_path(program, &search_path).is_some()).filter(|_| !is_ubuntu());
    let Some((program, lines)) = manager else {
        return Way::ByHand(format!("{by_hand}: https://www.google.com/chrome/"));
    };
    match prefix(program) {
        Some(prefix) => Way::Manager { prefix, lines },
        None if *program == "apt-get" => Way::Unpacked,
        None => Way::ByHand(format!("{by_hand}: sudo {}", lines.join(" && sudo "))),
    }
}

/// What the package manager's line starts with for it to ask nothing, if there is such a thing.
pub(super) fn prefix(program: &str) -> Option<&'static str> {
    if program == "brew" || read(&mut words("id -u")).is_ok_and(|id| id == "0") {
        return Some("");
    }
    read(&mut words("sudo -n true")).is_ok().then_some("sudo -n")
}

fn is_ubuntu() -> bool {
    fs::read_to_string("/etc/os-release").is_ok_and(|release| release.lines().any(|line| line == "ID=ubuntu"))
}
