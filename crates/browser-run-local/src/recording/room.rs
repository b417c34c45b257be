//! How much disk the recordings take: the oldest make room for new ones.

use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use super::kept::{self, Kept};

/// The folder of all recordings, and what may be in it.
#[derive(Debug)]
pub(super) struct Room {
    folder: PathBuf,
    max_bytes: u64,
    used: AtomicU64,
}

impl Room {
    pub(super) fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self { folder, max_bytes, used: AtomicU64::new(0) }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Looks what is there: another server may use the same folder.
    pub(super) fn measure(&self) {
        self.used.store(size(&self.folder), Ordering::Relaxed);
    }

    /// Takes so many bytes more, for which the oldest recordings may have to go; whether there is room.
    pub(super) async fn take(self: &std::sync::Arc<Self>, bytes: u64) -> bool {
        if self.used.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.max_bytes {
            return true;
        }
        let room = std::sync::Arc::clone(self);
        let made = tokio::task::spawn_blocking(move || room.make()).await.unwrap_or(false);
        if !made {
            self.used.fetch_sub(bytes, Ordering::Relaxed);
        }
        made
    }

    /// Removes the oldest recordings until the rest fits; what is being made stays.
    fn make(&self) -> bool {
        for Kept { folder, bytes, .. } in kept::all(&self.folder) {
            if self.used.load(Ordering::Relaxed) <= self.max_bytes {
                break;
            }
            if remove(&folder).is_ok() {
                #[allow(deprecated, reason = "its new name, try_update, is younger than our oldest Rust")]
                let _ = self
                    .used
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| Some(used.saturating_sub(bytes)));
                tracing::info!(folder = %folder.display(), "a recording makes room for newer ones");
            }
        }
        self.used.load(Ordering::Relaxed) <= self.max_bytes
    }
}

/// Removes a recording: first what makes it one, so that nobody finds half of it.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    let _ = std::fs::remove_file(folder.join(kept::KEPT));
    std::fs::remove_dir_all(folder)
}

/// The bytes of all files in a folder, and in its folders.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
