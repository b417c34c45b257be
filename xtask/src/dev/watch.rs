//! Rebuilds browser-run-local as its sources change. (The Worker's are watched by wrangler.)

use std::{
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use anyhow::Result;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Event;
use crate::{
    project,
    run::{run, words},
};

const SOURCES: [&str; 2] = ["crates/browser-run-local", "crates/browser-run-api"];
/// An editor saves in several steps, a `git switch` changes many files: what is closer together is one change.
const QUIET: Duration = Duration::from_millis(300);

pub(super) fn build() -> Result<()> {
    run(&mut words("cargo build --package browser-run-local"))
}

/// Watches for as long as the returned watcher lives.
pub(super) fn rebuild(events: Sender<Event>) -> Result<RecommendedWatcher> {
    let (changed, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
            // Nobody listens any more when everything ends.
            let _ = changed.send(());
        }
    })?;
    for folder in SOURCES {
        watcher.watch(&project::root().join(folder), RecursiveMode::Recursive)?;
    }
    thread::spawn(move || build_after_each(&changes, &events));
    Ok(watcher)
}

fn build_after_each(changes: &Receiver<()>, events: &Sender<Event>) {
    while changes.recv().is_ok() {
        while changes.recv_timeout(QUIET).is_ok() {}
        eprintln!("browser-run-local changed: rebuilding …");
        match build() {
            Ok(()) if events.send(Event::Rebuilt).is_err() => return,
            Ok(()) => {}
            Err(error) => eprintln!("{error:#}; the one before runs on"),
        }
    }
}
