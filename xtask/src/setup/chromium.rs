//! Chromium, or a browser made of it: what is there, else by the system's package manager where that asks nothing, else
//! (see [`unpacked`]) below the project's own folder.

mod unpacked;

use std::{env, fs, path::PathBuf};

use anyhow::{Result, ensure};
use locate_chromium::is_program;

use super::packages::{self, Manager};

/// How this machine comes to a browser.
enum Way {
    /// It is there.
    Found,
    /// The package manager's lines do it, each behind this prefix.
    Manager { prefix: &'static str, lines: Vec<String> },
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
        Way::Manager { prefix, lines } => packages::install(prefix, &lines)?,
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
    let Some(manager) = Manager::find(&search_path).filter(|_| !is_ubuntu()) else {
        return Way::ByHand(format!("{by_hand}: https://www.google.com/chrome/"));
    };
    let lines = manager.lines(if manager.program() == "brew" { "--cask google-chrome" } else { "chromium" });
    match manager.prefix() {
        Some(prefix) => Way::Manager { prefix, lines },
        None if manager.program() == "apt-get" => Way::Unpacked,
        None => Way::ByHand(format!("{by_hand}: sudo {}", lines.join(" && sudo "))),
    }
}

fn is_ubuntu() -> bool {
    fs::read_to_string("/etc/os-release").is_ok_and(|release| release.lines().any(|line| line == "ID=ubuntu"))
}
