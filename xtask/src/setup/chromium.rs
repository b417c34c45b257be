//! Chromium, or a browser made of it, by the system's package manager where that asks nothing.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::run::{read, run, words};

/// Where browser-run-local looks, too.
const NAMES: [&str; 7] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "brave-browser",
];
const APPLICATIONS: [&str; 3] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
];

/// A package manager: its program, and what to run.
type Manager = (&'static str, &'static [&'static str]);

const MANAGERS: [Manager; 6] = [
    ("apt-get", &["apt-get update", "apt-get install --yes chromium"]),
    ("dnf", &["dnf install --assumeyes chromium"]),
    ("pacman", &["pacman --sync --noconfirm chromium"]),
    ("apk", &["apk add chromium"]),
    ("zypper", &["zypper --non-interactive install chromium"]),
    ("brew", &["brew install --cask google-chrome"]),
];

/// `CHROMIUM` names another one, here as for browser-run-local.
pub(crate) fn install() -> Result<()> {
    if env::var_os("CHROMIUM").is_some() || is_installed() {
        return Ok(());
    }
    let by_hand = "Chromium or Chrome is needed. Install it, or name it in the environment variable CHROMIUM";
    // Ubuntu's chromium package is a snap, which cannot reach a profile in the temporary folder.
    let manager = MANAGERS.iter().find(|(program, _)| on_path(program).is_some());
    let Some((program, lines)) = manager.filter(|_| !is_ubuntu()) else {
        bail!("{by_hand}: https://www.google.com/chrome/");
    };
    let Some(prefix) = prefix(program) else {
        bail!("{by_hand}: sudo {}", lines.join(" && sudo "));
    };
    lines.iter().try_for_each(|line| run(&mut words(&format!("{prefix} {line}"))))?;
    if is_installed() {
        Ok(())
    } else {
        bail!("{by_hand}: {program} installed one that is in none of the usual places")
    }
}

/// What the package manager's line starts with for it to ask nothing, if there is such a thing.
fn prefix(program: &str) -> Option<&'static str> {
    if program == "brew" || read(&mut words("id -u")).is_ok_and(|id| id == "0") {
        return Some("");
    }
    read(&mut words("sudo -n true")).is_ok().then_some("sudo -n")
}

fn is_installed() -> bool {
    NAMES.iter().any(|name| on_path(name).is_some()) || APPLICATIONS.iter().any(|path| is_program(Path::new(path)))
}

fn is_ubuntu() -> bool {
    fs::read_to_string("/etc/os-release").is_ok_and(|release| release.lines().any(|line| line == "ID=ubuntu"))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|program| is_program(program))
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
