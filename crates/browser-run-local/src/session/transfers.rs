//! Files that go from a viewer to a session's pages and back. They are in the session's profile, and end with it.

use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use axum::body::{Body, Bytes};
use futures_util::{Stream, StreamExt as _};
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt as _,
};
use tokio_util::io::ReaderStream;
use uuid::Uuid;

use crate::chromium::process::DOWNLOADS;

/// Bytes that viewers of a session may send altogether.
const UPLOADS_AT_MOST: u64 = 256 * 1024 * 1024;

/// What keeps a file from being sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransferError {
    #[error("A session takes files of {} MB altogether", UPLOADS_AT_MOST / 1024 / 1024)]
    TooLarge,
    #[error("The file did not arrive as a whole")]
    Cut(#[source] axum::Error),
    #[error("The file could not be kept")]
    Disk(#[from] io::Error),
}

/// A session's folders for them.
#[derive(Debug)]
pub(crate) struct Transfers {
    uploads: PathBuf,
    downloads: PathBuf,
    uploaded: AtomicU64,
}

impl Transfers {
    pub(super) fn below(profile: &Path) -> Self {
        Self { uploads: profile.join("Uploads"), downloads: profile.join(DOWNLOADS), uploaded: AtomicU64::new(0) }
    }

    /// Where Chromium puts what it downloads.
    pub(super) fn downloads(&self) -> &Path {
        &self.downloads
    }

    /// Keeps what somebody sends, of that many bytes if they say so, and answers where it is. What does not arrive as a
    /// whole is removed.
    ///
    /// # Errors
    /// When it is too large, is cut off, or cannot be written.
    pub(crate) async fn keep(
        &self, name: &str, announced: Option<u64>, bytes: impl Stream<Item = Result<Bytes, axum::Error>> + Unpin,
    ) -> Result<PathBuf, TransferError> {
        if self.uploaded.load(Ordering::Relaxed).saturating_add(announced.unwrap_or_default()) > UPLOADS_AT_MOST {
            return Err(TransferError::TooLarge);
        }
        // Pages see a file's name: two files may have the same one.
        let folder = self.uploads.join(Uuid::new_v4().to_string());
        fs::create_dir_all(&folder).await?;
        let path = folder.join(file_name(name));
        let mut size = 0;
        match self.write(&path, bytes, &mut size).await {
            Ok(()) => Ok(path),
            Err(error) => {
                // It goes with the profile otherwise.
                let _ = fs::remove_dir_all(&folder).await;
                self.uploaded.fetch_sub(size, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    async fn write(
        &self, path: &Path, mut bytes: impl Stream<Item = Result<Bytes, axum::Error>> + Unpin, size: &mut u64,
    ) -> Result<(), TransferError> {
        let mut file = File::create_new(path).await?;
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(TransferError::Cut)?;
            let more = chunk.len() as u64;
            *size += more;
            if self.uploaded.fetch_add(more, Ordering::Relaxed) + more > UPLOADS_AT_MOST {
                return Err(TransferError::TooLarge);
            }
            file.write_all(&chunk).await?;
        }
        Ok(file.flush().await?)
    }
}

/// What Chromium has downloaded.
///
/// # Errors
/// When it is not there any more.
pub(crate) async fn read(path: &Path) -> io::Result<Body> {
    Ok(Body::from_stream(ReaderStream::new(File::open(path).await?)))
}

/// A name as a file can have it, in whatever folder.
fn file_name(name: &str) -> String {
    const LONGEST: usize = 200;
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut kept: String = last.chars().filter(|character| !character.is_control()).collect();
    while kept.len() > LONGEST {
        kept.remove(0);
    }
    if kept.trim_matches('.').is_empty() { "file".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn transfers() -> (tempfile::TempDir, Transfers) {
        let profile = tempfile::tempdir().unwrap();
        let transfers = Transfers::below(profile.path());
        (profile, transfers)
    }

    #[test]
    fn a_file_keeps_its_name_and_stays_in_its_folder() {
        assert_eq!(file_name("Straße – 東京.txt"), "Straße – 東京.txt");
        for (name, kept) in [("../../etc/passwd", "passwd"), ("C:\\x\\y.txt", "y.txt"), ("..", "file"), ("", "file")] {
            assert_eq!(file_name(name), kept);
        }
        let long = format!("{}.txt", "ä".repeat(300));
        assert!(file_name(&long).len() <= 200 && file_name(&long).ends_with("ä.txt"), "the extension counts");
    }

    #[tokio::test]
    async fn files_of_one_name_are_kept_side_by_side() {
        let (_profile, transfers) = transfers();
        let sent = |text: &'static str| stream::iter([Ok(Bytes::from_static(text.as_bytes()))]);
        let first = transfers.keep("a.txt", None, sent("one")).await.unwrap();
        let second = transfers.keep("a.txt", Some(3), sent("two")).await.unwrap();
        assert_eq!(std::fs::read(first).unwrap(), b"one");
        assert_eq!(std::fs::read(second).unwrap(), b"two");
    }

    #[tokio::test]
    async fn files_over_the_limit_leave_nothing_behind() {
        let (_profile, transfers) = transfers();
        let megabyte = Bytes::from(vec![0; 1024 * 1024]);
        let sent = stream::iter((0..257).map(|_| Ok(megabyte.clone())));
        let refused = transfers.keep("large", None, sent).await;
        assert!(matches!(refused, Err(TransferError::TooLarge)), "{refused:?}");
        assert_eq!(std::fs::read_dir(&transfers.uploads).unwrap().count(), 0);
        let smaller = stream::iter([Ok(Bytes::from_static(b"x"))]);
        assert!(transfers.keep("small", Some(1), smaller).await.is_ok(), "what was refused takes no room");
        let announced = transfers.keep("large", Some(u64::MAX), stream::iter([])).await;
        assert!(matches!(announced, Err(TransferError::TooLarge)), "without a byte of it: {announced:?}");
    }
}
