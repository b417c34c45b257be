//! What becomes of a recording's files when its session has ended: requests are put in their order, and what is whole can
//! be read from now on.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    LONGEST_MS, SHORTEST_MS,
    files::{Began, LIVE},
    har::Page,
    kept::{EVENTS, KEPT, Kept, NETWORK, Tab},
};
use crate::clock::Millis;

/// Makes a recording of the files that one has left, or removes them: it was too short. Where somebody records, or finishes
/// it, nothing is done.
pub(super) fn finish(folder: &Path, ended_at_ms: Millis) -> io::Result<Option<Kept>> {
    let live = folder.join(LIVE);
    let lock = File::open(&live)?;
    if lock.try_lock().is_err() {
        return Ok(None);
    }
    let began: Began = serde_json::from_reader(&lock)?;
    let duration_ms = ended_at_ms.saturating_sub(began.started_at_ms).min(LONGEST_MS);
    if duration_ms < SHORTEST_MS {
        fs::remove_dir_all(folder)?;
        return Ok(None);
    }
    let mut names: Vec<_> = fs::read_dir(folder)?.filter_map(|entry| tab_name(&entry.ok()?.path())).collect();
    names.sort();
    let (mut tabs, mut bytes) = (Vec::new(), 0);
    for name in names {
        let (events, network) = (folder.join(format!("{name}.{EVENTS}")), folder.join(format!("{name}.{NETWORK}")));
        let pages = put_in_order(&network)?;
        bytes += cut_to_lines(&events)? + fs::metadata(&network)?.len();
        let (_, target) = name.split_once('-').unwrap_or_default();
        tabs.push(Tab { target: target.to_owned(), name, pages });
    }
    let Began { session_id, browser, .. } = began;
    let kept = Kept { folder: folder.to_owned(), session_id, duration_ms, ended_at_ms, browser, bytes, tabs };
    // It is there as a whole, or not at all.
    let unfinished = folder.join("unfinished");
    fs::write(&unfinished, serde_json::to_vec(&kept)?)?;
    fs::rename(unfinished, folder.join(KEPT))?;
    fs::remove_file(live)?;
    Ok(Some(kept))
}

fn tab_name(path: &Path) -> Option<String> {
    let is_events = path.extension().is_some_and(|extension| extension == EVENTS);
    is_events.then(|| Some(path.file_stem()?.to_str()?.to_owned())).flatten()
}

/// Removes a last line that is not whole, since the server was killed; the size of what stays.
fn cut_to_lines(path: &Path) -> io::Result<u64> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut last = [0];
    while end > 0 {
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut last)?;
        if last == *b"\n" {
            break;
        }
        end -= 1;
    }
    file.set_len(end)?;
    Ok(end)
}

/// What is read of a request to find its place.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    request_id: String,
    page_id: Option<String>,
    start_time: f64,
    url: String,
}

/// Sorts a page's requests by when they were made: they were written as they ended. The documents among them.
fn put_in_order(path: &Path) -> io::Result<Vec<Page>> {
    cut_to_lines(path)?;
    let (mut lines, mut pages) = (Vec::new(), Vec::new());
    let (mut reader, mut line, mut start) = (BufReader::new(File::open(path)?), String::new(), 0);
    while reader.read_line(&mut line)? > 0 {
        let Place { request_id, page_id, start_time, url } = serde_json::from_str(&line)?;
        lines.push((start_time, start, line.len()));
        if page_id.as_ref() == Some(&request_id) {
            pages.push(Page { id: request_id, start_time, url });
        }
        start += line.len() as u64;
        line.clear();
    }
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    pages.sort_by(|a, b| a.start_time.total_cmp(&b.start_time));
    // What redirects to a document has the same id.
    pages.dedup_by(|next, first| next.id == first.id);
    copy(path, &lines)?;
    Ok(pages)
}

fn copy(path: &Path, lines: &[(f64, u64, usize)]) -> io::Result<()> {
    let sorted: PathBuf = path.with_extension("sorted");
    let (mut from, mut to) = (File::open(path)?, BufWriter::new(File::create(&sorted)?));
    let mut line = Vec::new();
    for (_, start, length) in lines {
        line.resize(*length, 0);
        from.seek(SeekFrom::Start(*start))?;
        from.read_exact(&mut line)?;
        to.write_all(&line)?;
    }
    to.flush()?;
    fs::rename(sorted, path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;

    /// What a recording of one page has left that began at 1,000.
    fn left(events: &str, network: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let began = json!({"session_id": Uuid::nil(), "started_at_ms": 1_000, "browser": "Chrome/1"});
        let tab = |kind: &str| format!("0000-T.{kind}");
        for (name, text) in [(LIVE, &*began.to_string()), (&tab(EVENTS), events), (&tab(NETWORK), network)] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn request(id: &str, page: &str, start: f64, url: &str) -> String {
        format!("{}\n", json!({"requestId": id, "pageId": page, "startTime": start, "url": url}))
    }

    #[test]
    fn requests_are_put_in_order_and_documents_found_among_them() {
        let lines = [
            request("B", "B", 30.0, "http://a/2"),
            request("x", "A", 20.0, "http://a/x"),
            request("A", "A", 10.0, "http://a/"),
            request("A", "A", 15.0, "http://a/redirected"),
        ];
        let folder = left("{}\n", &lines.concat());
        let kept = finish(folder.path(), 61_000).unwrap().unwrap();
        let sorted = [2, 3, 1, 0].map(|index: usize| lines[index].as_str()).concat();
        assert_eq!(fs::read_to_string(folder.path().join("0000-T.network")).unwrap(), sorted);
        let pages: Vec<_> = kept.tabs[0].pages.iter().map(|page| (page.id.as_str(), page.url.as_str())).collect();
        assert_eq!(pages, [("A", "http://a/"), ("B", "http://a/2")]);
        assert_eq!((kept.tabs[0].target.as_str(), kept.duration_ms), ("T", 60_000));
        assert_eq!(Kept::read(folder.path()).unwrap().bytes, 3 + sorted.len() as u64);
    }

    #[test]
    fn a_line_that_is_not_whole_is_cut_off() {
        let folder = left("{\"a\":1}\n{\"b\":", &(request("A", "A", 1.0, "http://a/") + "{\"requ"));
        assert!(finish(folder.path(), 61_000).unwrap().is_some());
        assert_eq!(fs::read_to_string(folder.path().join("0000-T.events")).unwrap(), "{\"a\":1}\n");
        assert!(finish(left("{", "{").path(), 61_000).unwrap().is_some(), "or all there is");
    }

    #[test]
    fn what_took_less_than_a_second_is_removed() {
        let folder = left("{}\n", "");
        assert!(finish(folder.path(), 1_999).unwrap().is_none());
        assert!(!folder.path().exists());
        assert!(finish(left("{}\n", "").path(), 2_000).unwrap().is_some());
    }

    #[test]
    fn what_is_being_recorded_stays_as_it_is() {
        let folder = left("{}\n", "");
        let live = File::open(folder.path().join(LIVE)).unwrap();
        live.lock().unwrap();
        assert!(finish(folder.path(), 61_000).unwrap().is_none());
        assert!(folder.path().join(LIVE).exists() && Kept::read(folder.path()).is_none());
        live.unlock().unwrap();
        assert!(finish(folder.path(), 61_000).unwrap().is_some());
    }
}
