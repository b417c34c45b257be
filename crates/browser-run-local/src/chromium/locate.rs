//! Where Chromium is on this machine.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// What it is called in a `PATH`.
const NAMES: [&str; 7] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "brave-browser",
];

/// Where macOS has it.
const APPLICATIONS: [&str; 3] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
];

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
pub(crate) fn chromium(chosen: Option<&Path>, search_path: &OsStr) -> Result<PathBuf, NoChromium> {
    let on_path =
        |name: &str| std::env::split_paths(search_path).map(|folder| folder.join(name)).find(|p| is_program(p));
    match chosen {
        // A bare name is one of the search path's.
        Some(path) => (path.components().count() == 1)
            .then(|| path.to_str().and_then(on_path))
            .flatten()
            .or_else(|| is_program(path).then(|| path.to_owned()))
            .ok_or_else(|| NoChromium::NotThere(path.to_owned())),
        None => NAMES
            .into_iter()
            .find_map(on_path)
            .or_else(|| APPLICATIONS.into_iter().map(PathBuf::from).find(|path| is_program(path)))
            .ok_or_else(|| NoChromium::NotFound { install: install(&system()) }),
    }
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
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

    fn program(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn the_search_path_is_searched_for_the_usual_names() {
        let (empty, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(full.path().join("chromium"), "not executable").unwrap();
        let chrome = program(full.path(), "google-chrome");
        let search_path = std::env::join_paths([empty.path(), full.path()]).unwrap();
        assert_eq!(chromium(None, &search_path).unwrap(), chrome);
        assert_eq!(chromium(Some(Path::new("google-chrome")), &search_path).unwrap(), chrome);
    }

    #[test]
    fn a_chosen_program_has_to_be_there() {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), "chromium");
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
