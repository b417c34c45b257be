//! A recording that can be read, and how it is sent: from disk, a piece at a time.

use std::{
    io::{self, SeekFrom},
    path::{Path, PathBuf},
};

use axum::body::{Body, Bytes};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    fs::File,
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncSeekExt as _, BufReader},
};
use tokio_util::{either::Either, io::ReaderStream};
use uuid::Uuid;

use super::{
    exchange::Exchange,
    har::{self, Page},
};
use crate::clock::Millis;

/// The file that makes a folder a recording that can be read.
pub(super) const KEPT: &str = "recording.json";
/// How the names of each page's files end.
pub(super) const EVENTS: &str = "events";
pub(super) const NETWORK: &str = "network";
/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// A recording whose session has ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(skip)]
    pub(super) folder: PathBuf,
    pub(super) session_id: Uuid,
    pub(super) duration_ms: Millis,
    pub(super) ended_at_ms: Millis,
    pub(super) browser: String,
    /// What it takes on disk.
    pub(super) bytes: u64,
    pub(super) tabs: Vec<Tab>,
}

/// A page of the session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Tab {
    pub(super) target: String,
    /// Its files' name, without what it ends with.
    pub(super) name: String,
    /// Its documents.
    pub(super) pages: Vec<Page>,
}

impl Kept {
    /// Reads what is in a recording's folder, if it is one.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let json = std::fs::read(folder.join(KEPT)).ok()?;
        let kept: Self = serde_json::from_slice(&json).ok()?;
        Some(Self { folder: folder.to_owned(), ..kept })
    }

    /// `{"success": true, "result": {"sessionId", "duration", "events": {"{target}": […]}}}`
    pub(crate) fn events(&self) -> Body {
        let mut parts = vec![Part::Text(format!(
            r#"{{"success":true,"errors":[],"messages":[],"result":{{"sessionId":"{}","duration":{},"events":{{"#,
            self.session_id, self.duration_ms
        ))];
        for (index, tab) in self.tabs.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            parts.push(Part::Text(format!("{comma}{}:[", json!(tab.target))));
            parts.push(Part::Lines(self.file(tab, EVENTS)));
            parts.push(Part::Text("]".to_owned()));
        }
        parts.push(Part::Text("}}}".to_owned()));
        body(parts)
    }

    /// A page's requests, as an array.
    pub(crate) fn network(&self, target: &str) -> Option<Body> {
        let tab = self.tab(target)?;
        let lines = Part::Lines(self.file(tab, NETWORK));
        Some(body(vec![Part::Text("[".to_owned()), lines, Part::Text("]".to_owned())]))
    }

    /// The same as a HAR.
    pub(crate) fn har(&self, target: &str) -> Option<Body> {
        let tab = self.tab(target)?;
        let entries = Part::Entries(self.file(tab, NETWORK));
        Some(body(vec![Part::Text(har::head(&self.browser, &tab.pages)), entries, Part::Text(har::FOOT.to_owned())]))
    }

    fn tab(&self, target: &str) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.target == target)
    }

    fn file(&self, tab: &Tab, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", tab.name))
    }
}

/// Every recording in a folder, the oldest first.
pub(super) fn all(folder: &Path) -> Vec<Kept> {
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<_> = folders.filter_map(|entry| Kept::read(&entry.path())).collect();
    all.sort_by_key(|kept| kept.ended_at_ms);
    all
}

enum Part {
    Text(String),
    /// A file of JSON lines, as what is between the brackets of an array.
    Lines(PathBuf),
    /// A file of requests, as a HAR's entries.
    Entries(PathBuf),
}

fn body(parts: Vec<Part>) -> Body {
    Body::from_stream(stream::iter(parts).then(open).try_flatten())
}

async fn open(part: Part) -> io::Result<impl Stream<Item = io::Result<Bytes>>> {
    Ok(match part {
        Part::Text(text) => Either::Left(stream::iter([Ok(Bytes::from(text))])),
        Part::Lines(path) => Either::Right(Either::Left(lines(&path).await?)),
        Part::Entries(path) => Either::Right(Either::Right(entries(&path).await?)),
    })
}

/// No line has another end in it, so that each but the last can be a comma.
async fn lines(path: &Path) -> io::Result<impl Stream<Item = io::Result<Bytes>> + use<>> {
    let mut file = File::open(path).await?;
    let length = file.seek(SeekFrom::End(0)).await?;
    file.rewind().await?;
    let pieces = ReaderStream::with_capacity(file.take(length.saturating_sub(1)), PIECE);
    Ok(pieces.map_ok(|piece| {
        let joined = piece.iter().map(|byte| if *byte == b'\n' { b',' } else { *byte });
        joined.collect()
    }))
}

async fn entries(path: &Path) -> io::Result<impl Stream<Item = io::Result<Bytes>> + use<>> {
    let lines = BufReader::new(File::open(path).await?).lines();
    Ok(stream::try_unfold((lines, ""), async |(mut lines, comma)| {
        let Some(line) = lines.next_line().await? else { return Ok(None) };
        let exchange: Exchange = serde_json::from_str(&line)?;
        let entry = format!("{comma}{}", har::entry(&exchange));
        Ok(Some((Bytes::from(entry), (lines, ","))))
    }))
}
