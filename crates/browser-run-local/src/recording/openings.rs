//! Pages that the recorder opens: Chromium would load one that it opens by itself before anybody could record it.

use std::time::Duration;

use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        oneshot,
    },
    time::timeout,
};

/// How long a tab may take until it is recorded, and loads its page.
const BEGINS_WITHIN: Duration = Duration::from_secs(10);

/// A blank tab that is to load a page.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) target: String,
    pub(super) url: String,
    /// Told, or dropped, when it loads it.
    pub(super) begins: oneshot::Sender<()>,
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

    /// Has a tab that is blank load a page, and returns when it does.
    pub(crate) async fn open(&self, target: &str, url: &str) {
        let (begins, begun) = oneshot::channel();
        // A session that is over opens nothing.
        let _ = self.0.send(Opening { target: target.to_owned(), url: url.to_owned(), begins });
        let _ = timeout(BEGINS_WITHIN, begun).await;
    }
}
