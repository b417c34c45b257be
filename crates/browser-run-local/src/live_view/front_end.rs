//! Chromium's bundled DevTools front end, read from a running Chromium once and then kept in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use axum::{body::Bytes, http::HeaderValue};

use crate::{devtools::DevToolsError, sessions::Sessions};

/// A file of the front end.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub(crate) content_type: HeaderValue,
    pub(crate) bytes: Bytes,
}

/// Files by Chromium's version and their path, such as `entrypoints/inspector/inspector.js`.
#[derive(Debug, Default)]
pub(crate) struct FrontEnd {
    files: Mutex<HashMap<(String, String), Asset>>,
}

impl FrontEnd {
    /// A file, from memory or from any session's Chromium of that version.
    pub(crate) async fn file(&self, sessions: &Sessions, version: &str, path: &str) -> Result<Asset, DevToolsError> {
        let key = (version.to_owned(), path.to_owned());
        if let Some(asset) = self.files().get(&key) {
            return Ok(asset.clone());
        }
        if !is_plain(path) {
            return Err(DevToolsError::NoSuchTarget);
        }
        let devtools = sessions.running(version).ok_or(DevToolsError::NoSuchTarget)?;
        let (content_type, bytes) = devtools.front_end(path).await?;
        let asset = Asset { content_type, bytes };
        self.files().insert(key, asset.clone());
        Ok(asset)
    }

    fn files(&self) -> MutexGuard<'_, HashMap<(String, String), Asset>> {
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
    fn only_plain_paths_are_asked_for() {
        assert!(is_plain("entrypoints/inspector/inspector.js"));
        for path in ["", "/", "a//b", "../json/version", "a/../b", "a?b", "a%2fb", "a b"] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
