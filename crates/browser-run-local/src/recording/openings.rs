//! Pages that the recorder opens: Chromium would load one that it opens by itself before anybody could record it.

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// A blank tab that is to load a page.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) target: String,
    pub(super) url: String,
}

/// What a session's recorder is told to open.
#[derive(Debug)]
pub(crate) struct Openings(pub(super) UnboundedReceiver<Opening>);

/// Has a session's recorder open pages.
#[derive(Debug, Clone)]
pub(crate) struct Opener(UnboundedSender<Opening>);

impl Opener {
    pub(crate) fn new() -> (Self, Openings) {
        let (tell, told) = mpsc::unbounded_channel();
        (Self(tell), Openings(told))
    }

    /// Whether there still is a recorder.
    pub(crate) fn is_recording(&self) -> bool {
        !self.0.is_closed()
    }

    /// Loads a page in a tab that is blank.
    pub(crate) fn open(&self, target: &str, url: &str) {
        // A session that is over opens nothing.
        let _ = self.0.send(Opening { target: target.to_owned(), url: url.to_owned() });
    }
}
