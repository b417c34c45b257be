//! The Chromium to start, or what to install where there is none.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// There is no Chromium, or not where it was said to be.
#[derive(Debug, thiserror::Error)]
pub enum NoChromium {
    /// `--chromium` names no program.
    #[error("{} is not a program: --chromium (CHROMIUM) wants the path of Chromium or Chrome", .0.display())]
    NotThere(PathBuf),
    /// None of the usual places has one.
    #[error("Chromium was not found. To install it: {install}. If it is elsewhere: --chromium PATH (CHROMIUM)")]
    NotFound {
        /// What to run on this system.
        install: &'static str,
    },
}

/// The Chromium to start: `chosen`, or the first in the usual places.
///
/// # Errors
/// When it is not there; the message says what to install, or to name.
pub(crate) fn chromium(chosen: Option<&Path>, search_path: &OsStr) -> Result<PathBuf, NoChromium> {
    match chosen {
        Some(path) => locate_chromium::named(path, search_path).ok_or_else(|| NoChromium::NotThere(path.to_owned())),
        None => {
            locate_chromium::installed(search_path).ok_or_else(|| NoChromium::NotFound { install: install(&system()) })
        }
    }
}

/// `ID` and `ID_LIKE` of `/etc/os-release`, or `macos`.
fn system() -> String {
    if cfg!(target_os = "macos") {
        return "macos".to_owned();
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    ids(&release)
}

fn ids(release: &str) -> String {
    let values = release.lines().filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")));
    values.map(|value| value.trim_matches(['"', '\''])).collect::<Vec<_>>().join(" ")
}

fn install(system: &str) -> &'static str {
    let known = |id: &str| match id {
        "macos" => Some("brew install --cask google-chrome"),
        "debian" => Some("sudo apt-get install -y chromium"),
        // Ubuntu's chromium is a snap, which cannot use a profile below /tmp.
        "ubuntu" => Some(
            "curl -fLO https://dl.google.com/linux/direct/google-chrome-stable_current_amd64.deb && \
             sudo apt-get install -y ./google-chrome-stable_current_amd64.deb",
        ),
        "fedora" | "rhel" | "centos" => Some("sudo dnf install -y chromium"),
        "arch" => Some("sudo pacman -S --noconfirm chromium"),
        "alpine" => Some("sudo apk add chromium"),
        "opensuse" | "suse" | "opensuse-tumbleweed" => Some("sudo zypper install -y chromium"),
        _ => None,
    };
    system
        .split_whitespace()
        .find_map(known)
        .unwrap_or("see https://www.chromium.org/getting-involved/download-chromium/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_program_has_to_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let error = chromium(Some(&missing), folder.path().as_os_str()).unwrap_err().to_string();
        assert!(error.contains("missing") && error.contains("--chromium"), "{error}");
    }

    #[test]
    fn an_error_says_how_to_install_it_on_this_system() {
        assert_eq!(install(&ids("NAME=x\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n")), install("ubuntu"));
        assert!(install(&ids("ID=debian")).contains("apt-get install -y chromium"));
        assert!(install("").contains("https://"));
        assert!(NoChromium::NotFound { install: install("arch") }.to_string().contains("pacman"));
    }
}
