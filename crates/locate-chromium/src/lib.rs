//! Chromium, or a browser made of it, on this machine: what it is called, where it is put, and the search for it.
//!
//! Search paths are lists of folders as in the environment variable `PATH`, which is not read here.

use std::{
    env,
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// What it is called in the folders of a search path; the first comes first.
const NAMES: [&str; 7] = [
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge",
    "brave-browser",
];

/// Where macOS has it.
const APPLICATIONS: [&str; 3] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
];

/// The first browser in the usual places: the search path under each usual name, then macOS's applications.
#[must_use]
pub fn installed(search_path: &OsStr) -> Option<PathBuf> {
    let application = || APPLICATIONS.into_iter().map(PathBuf::from).find(|path| is_program(path));
    NAMES.into_iter().find_map(|name| on_path(name, search_path)).or_else(application)
}

/// The browser that somebody named: by a bare name in the search path, or by a path.
#[must_use]
pub fn named(program: &Path, search_path: &OsStr) -> Option<PathBuf> {
    let is_bare_name = program.components().count() == 1;
    let on_path = is_bare_name.then(|| on_path(program.to_str()?, search_path)).flatten();
    on_path.or_else(|| is_program(program).then(|| program.to_owned()))
}

/// The first program of this name in the folders of a search path.
#[must_use]
pub fn on_path(name: &str, search_path: &OsStr) -> Option<PathBuf> {
    env::split_paths(search_path).map(|folder| folder.join(name)).find(|path| is_program(path))
}

/// Whether there is a file here that can be executed.
#[must_use]
pub fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
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
        let search_path = env::join_paths([empty.path(), full.path()]).unwrap();
        assert_eq!(installed(&search_path), Some(chrome.clone()));
        assert_eq!(named(Path::new("google-chrome"), &search_path), Some(chrome));
    }

    #[test]
    fn a_named_program_has_to_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let chromium = program(folder.path(), "chromium");
        let search_path = folder.path().as_os_str();
        assert_eq!(named(&chromium, OsStr::new("")), Some(chromium.clone()));
        assert_eq!(named(&folder.path().join("missing"), search_path), None);
        assert_eq!(named(Path::new("missing"), search_path), None);
    }
}
