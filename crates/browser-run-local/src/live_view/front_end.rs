//! Chromium's bundled DevTools front end, read from a running Chromium once and then kept in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use crate::{
    chromium::devtools::{DevToolsError, FrontEndFile},
    session::sessions::Sessions,
};

/// Files by Chromium's version and their path, such as `entrypoints/inspector/inspector.js`.
#[derive(Debug, Default)]
pub(crate) struct FrontEnd {
    files: Mutex<HashMap<(String, String), FrontEndFile>>,
}

impl FrontEnd {
    /// A file, from memory or from any session's Chromium of that version.
    ///
    /// # Errors
    /// When there is no such file, or no Chromium of that version that answers.
    pub(crate) async fn file(
        &self, sessions: &Sessions, version: &str, path: &str,
    ) -> Result<FrontEndFile, DevToolsError> {
        let key = (version.to_owned(), path.to_owned());
        if let Some(file) = self.files().get(&key) {
            return Ok(file.clone());
        }
        if !is_plain(path) {
            return Err(DevToolsError::NoSuchTarget);
        }
        let devtools = sessions.running(version).ok_or(DevToolsError::NoSuchTarget)?;
        let file = devtools.front_end_file(path).await?;
        self.files().insert(key, file.clone());
        Ok(file)
    }

    fn files(&self) -> MutexGuard<'_, HashMap<(String, String), FrontEndFile>> {
        self.files.lock().expect("nobody panics while holding it")
    }
}

/// A path that can only be a file of the front end, whatever is made of it.
fn is_plain(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    path.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn paths_that_are_not_plain_are_not_asked_for() {
        assert!(is_plain("entrypoints/inspector/inspector.js"));
        for path in ["", "/", "a//b", "../json/version", "a/../b", "a?b", "a%2fb", "a b"] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
