//! The folder of all recordings: sessions that are recorded, and those that were, for thirty days.
//!
//! Each has a folder of its own, named as the session. One that a killed server has left is finished by the next.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use tokio::{
    sync::OnceCell,
    task::{JoinHandle, spawn_blocking},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) use super::recorder::RecordError;
use super::{
    KEPT_FOR_MS, LONGEST_MS,
    files::{Began, Files, LIVE, create_private},
    finish::finish,
    kept::{self, Kept},
    openings::Openings,
    recorder::Recorder,
    room::{self, Room},
    script,
};
use crate::{
    chromium::pipe::{FromChromium, ToChromium},
    clock::{Clock, Millis},
};

/// rrweb's recorder is not there.
#[derive(Debug, thiserror::Error)]
#[error(
    "recording=true needs rrweb's recorder, which is not at {}: install it by `npm install @rrweb/record`, and name its file by \
     --rrweb node_modules/@rrweb/record/umd/record.min.js when this server is started", path.display()
)]
pub(crate) struct NoRrweb {
    path: PathBuf,
    source: io::Error,
}

/// A session to be recorded.
#[derive(Debug)]
pub(crate) struct ToRecord {
    pub(crate) session: Uuid,
    pub(crate) pipe: (ToChromium, FromChromium),
    /// `Chrome/156.0.8078.79`
    pub(crate) browser: String,
    pub(crate) started_at_ms: Millis,
    pub(crate) openings: Openings,
    pub(crate) ended: CancellationToken,
}

/// Every recording.
#[derive(Debug)]
pub(crate) struct Recordings {
    clock: Arc<Clock>,
    room: Arc<Room>,
    rrweb: PathBuf,
    /// What runs in each document, once somebody has wanted a recording.
    source: OnceCell<Arc<str>>,
}

impl Recordings {
    /// Those below a folder, which need not be there, with the file of rrweb's recorder.
    pub(crate) fn new(clock: Arc<Clock>, folder: PathBuf, max_bytes: u64, rrweb: PathBuf) -> Arc<Self> {
        let room = Arc::new(Room::new(folder, max_bytes));
        Arc::new(Self { clock, room, rrweb, source: OnceCell::new() })
    }

    /// Reads rrweb's recorder.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) async fn source(&self) -> Result<Arc<str>, NoRrweb> {
        let read = async || match tokio::fs::read_to_string(&self.rrweb).await {
            Ok(rrweb) => Ok(script::source(&rrweb).into()),
            Err(source) => Err(NoRrweb { path: self.rrweb.clone(), source }),
        };
        self.source.get_or_try_init(read).await.cloned()
    }

    /// Records a session from when this returns until its end; the task has ended when the recording can be read.
    ///
    /// # Errors
    /// When its pages cannot be recorded, or nothing can be written.
    pub(crate) async fn record(
        self: &Arc<Self>, source: Arc<str>, session: ToRecord,
    ) -> Result<JoinHandle<()>, RecordError> {
        let ToRecord { session: session_id, pipe, browser, started_at_ms, openings, ended } = session;
        let began = Began { session_id, started_at_ms, browser };
        create_private(self.room.folder()).await?;
        let folder = self.folder_of(session_id);
        let files = Files::begin(folder.clone(), &began, Arc::clone(&self.room)).await?;
        let (clock, until_ms) = (Arc::clone(&self.clock), started_at_ms + LONGEST_MS);
        let started = Recorder::start(pipe, source, files, clock, until_ms).await;
        if started.is_err() {
            tokio::fs::remove_dir_all(folder).await?;
        }
        let (recorder, recordings) = (started?, Arc::clone(self));
        Ok(tokio::spawn(async move {
            if let Err(error) = recorder.run(openings, &ended).await {
                tracing::warn!(session = %session_id, error = %chain(&error), "the recording ends early");
            }
            recordings.finish(session_id).await;
        }))
    }

    async fn finish(&self, session: Uuid) {
        let (folder, now_ms) = (self.folder_of(session), self.clock.now());
        match spawn_blocking(move || finish(&folder, now_ms)).await {
            Ok(Ok(Some(kept))) => tracing::info!(%session, tabs = kept.tabs.len(), bytes = kept.bytes, "recorded"),
            Ok(Ok(None)) => tracing::info!(%session, "too short to be recorded"),
            Ok(Err(error)) => tracing::error!(%session, %error, "the recording cannot be finished"),
            Err(error) => tracing::error!(%session, %error, "the recording cannot be finished"),
        }
        self.remove_old().await;
    }

    /// The recording of a session that has ended.
    pub(crate) async fn find(&self, session: Uuid) -> Option<Kept> {
        let (folder, now_ms) = (self.folder_of(session), self.clock.now());
        let kept = spawn_blocking(move || Kept::read(&folder).filter(|kept| !has_expired(kept, now_ms)));
        kept.await.ok().flatten()
    }

    /// Finishes what a killed server has left, and removes what is too old.
    pub(crate) async fn tidy(&self) {
        let room = Arc::clone(&self.room);
        // What fails is tried again by the next server.
        let _ = spawn_blocking(move || finish_left(room.folder())).await;
        self.remove_old().await;
    }

    async fn remove_old(&self) {
        let (room, now_ms) = (Arc::clone(&self.room), self.clock.now());
        // What fails is tried again the next time.
        let _ = spawn_blocking(move || {
            for kept in kept::all(room.folder()).iter().filter(|kept| has_expired(kept, now_ms)) {
                let _ = room::remove(&kept.folder);
            }
            room.measure();
        })
        .await;
    }

    fn folder_of(&self, session: Uuid) -> PathBuf {
        self.room.folder().join(session.to_string())
    }
}

fn has_expired(kept: &Kept, now_ms: Millis) -> bool {
    now_ms >= kept.ended_at_ms.saturating_add(KEPT_FOR_MS)
}

/// Finishes the recordings that nobody makes any more: their locks went with their server.
fn finish_left(folder: &Path) {
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for folder in folders.map(|entry| entry.path()) {
        if folder.join(LIVE).exists()
            && let Err(error) = last_written_ms(&folder).and_then(|ended_at_ms| finish(&folder, ended_at_ms))
        {
            tracing::warn!(folder = %folder.display(), %error, "a recording that was left cannot be finished");
        }
    }
}

fn last_written_ms(folder: &Path) -> io::Result<Millis> {
    let files = std::fs::read_dir(folder)?.flatten();
    let times = files.filter_map(|file| file.metadata().ok()?.modified().ok());
    let last = times.max().unwrap_or(UNIX_EPOCH);
    Ok(last.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as Millis)
}

/// An error and what caused it, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
