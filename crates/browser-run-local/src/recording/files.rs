//! A recording's files while it is made. What happens is appended at once: nothing of it stays in memory.
//!
//! For each page, in the order that they came, `0000-{target}.events` has one of rrweb's events a line, and
//! `0000-{target}.network` a request. `live` says how it began, and is locked while somebody records.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt as _,
};
use uuid::Uuid;

use super::{
    kept::{EVENTS, NETWORK},
    room::Room,
};
use crate::clock::Millis;

/// The file of a recording that is being made.
pub(super) const LIVE: &str = "live";

/// How a recording began.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Began {
    pub(super) session_id: Uuid,
    pub(super) started_at_ms: Millis,
    /// `Chrome/156.0.8078.79`
    pub(super) browser: String,
}

/// The files of one recording.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    tabs: HashMap<String, Tab>,
    /// How many there have been.
    count: usize,
    room: Arc<Room>,
    is_full: bool,
    /// Locked as long as this lives.
    live: std::fs::File,
}

#[derive(Debug)]
struct Tab {
    events: File,
    network: File,
}

impl Files {
    /// Begins a recording in a folder that is not there yet.
    pub(super) async fn begin(folder: PathBuf, began: &Began, room: Arc<Room>) -> io::Result<Self> {
        create_private(&folder).await?;
        let path = folder.join(LIVE);
        fs::write(&path, serde_json::to_vec(began)?).await?;
        let live = File::open(&path).await?.into_std().await;
        live.try_lock()?;
        Ok(Self { folder, tabs: HashMap::new(), count: 0, room, is_full: false, live })
    }

    /// A page has come.
    pub(super) async fn add(&mut self, target: &str) -> io::Result<()> {
        // It becomes a part of a path.
        let is_plain = !target.is_empty() && target.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if self.tabs.contains_key(target) || !is_plain {
            return Ok(());
        }
        let name = format!("{:04}-{target}", self.count);
        self.count += 1;
        let create = |kind: &str| File::create_new(self.folder.join(format!("{name}.{kind}")));
        let tab = Tab { events: create(EVENTS).await?, network: create(NETWORK).await? };
        self.tabs.insert(target.to_owned(), tab);
        Ok(())
    }

    /// Appends to a page's events.
    pub(super) async fn append_event(&mut self, target: &str, json: &str) -> io::Result<()> {
        match self.tabs.get_mut(target) {
            Some(tab) => append(&mut tab.events, json, &self.room, &mut self.is_full).await,
            None => Ok(()),
        }
    }

    /// Appends to a page's requests.
    pub(super) async fn append_request(&mut self, target: &str, json: &str) -> io::Result<()> {
        match self.tabs.get_mut(target) {
            Some(tab) => append(&mut tab.network, json, &self.room, &mut self.is_full).await,
            None => Ok(()),
        }
    }

    /// A page is gone.
    pub(super) async fn close(&mut self, target: &str) -> io::Result<()> {
        let Some(Tab { mut events, mut network }) = self.tabs.remove(target) else { return Ok(()) };
        events.flush().await?;
        network.flush().await
    }

    /// Everything is in the files when this returns.
    pub(super) async fn end(mut self) -> io::Result<()> {
        for target in self.tabs.keys().cloned().collect::<Vec<_>>() {
            self.close(&target).await?;
        }
        Ok(())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // A process that is just being started may have the file, too, for a moment: closing it would not be enough.
        let _ = self.live.unlock();
    }
}

async fn append(file: &mut File, json: &str, room: &Arc<Room>, is_full: &mut bool) -> io::Result<()> {
    if *is_full {
        return Ok(());
    }
    let line = format!("{json}\n");
    *is_full = !room.take(line.len() as u64).await;
    if *is_full {
        tracing::warn!("a recording ends here: --recordings-max allows no more");
        return Ok(());
    }
    let written = file.write_all(line.as_bytes()).await;
    // Behind half a line, on a disk that is full, nothing could be read.
    *is_full = written.is_err();
    written
}

/// A folder that nobody else on this machine can read.
pub(super) async fn create_private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_written_behind_what_could_not_be() {
        let room = Arc::new(Room::new(PathBuf::new(), u64::MAX));
        let written = tempfile::NamedTempFile::new().unwrap();
        let (mut file, mut is_full) = (File::open(written.path()).await.unwrap(), false);
        append(&mut file, "{}", &room, &mut is_full).await.unwrap();
        assert!(append(&mut file, "{}", &room, &mut is_full).await.is_err(), "what was before it, too");
        let mut other = File::create(written.path()).await.unwrap();
        append(&mut other, "{}", &room, &mut is_full).await.unwrap();
        other.flush().await.unwrap();
        assert_eq!(std::fs::read_to_string(written.path()).unwrap(), "");
    }
}
