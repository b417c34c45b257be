//! What was recorded of a session: asked for, or why there is none.

use super::WorkerApp;
use super::open::OpenError;
use crate::browser_run::Recorded;
use crate::domain::{SessionRecord, State};
use crate::js::Relayed;
use browser_run_api::DAY_MS;

/// For how long Browser Run keeps recordings.
const KEPT_MS: u64 = 30 * DAY_MS;
/// How long after a session's end its recording may still be made ready.
const MAKING_MS: u64 = 15 * 60_000;
/// When to ask again.
const SOON_SECONDS: u64 = 3;
const RUNNING_SECONDS: u64 = 60;

/// Why there is no recording to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRecording {
    #[error("nobody asked for this browser to be recorded")]
    NotRecorded,
    #[error("this service reaches Browser Run without an API token, and recordings can't be read so")]
    Unreadable,
    #[error("Browser Run is still making the recording ready, or the browser still runs")]
    Pending { retry_after_seconds: u64 },
    #[error("Browser Run has no recording of this browser")]
    Gone,
}

impl NoRecording {
    /// What it means that Browser Run has none of a session now.
    fn now(record: &SessionRecord, now_ms: u64) -> Self {
        match record.ended_at_ms.filter(|_| record.state == State::Ended) {
            None => Self::Pending { retry_after_seconds: RUNNING_SECONDS },
            Some(ended_at_ms) if now_ms.saturating_sub(ended_at_ms) < MAKING_MS => {
                Self::Pending { retry_after_seconds: SOON_SECONDS }
            }
            Some(_) => Self::Gone,
        }
    }
}

impl SessionRecord {
    /// Whether there can be a recording of it, as far as the ledger knows.
    pub(crate) fn is_recorded(&self, now_ms: u64) -> bool {
        self.recording && self.ended_at_ms.is_none_or(|ended_at_ms| now_ms.saturating_sub(ended_at_ms) < KEPT_MS)
    }
}

impl WorkerApp {
    /// A part of a session's recording, to be passed on.
    ///
    /// # Errors
    /// Why there is none, or none yet; or how Browser Run failed.
    pub(crate) async fn recorded(
        &self, record: &SessionRecord, what: Recorded<'_>, raw: bool,
    ) -> Result<Result<Relayed, NoRecording>, OpenError> {
        let now_ms = self.browser_run.now_ms();
        if !record.is_recorded(now_ms) {
            return Ok(Err(if record.recording { NoRecording::Gone } else { NoRecording::NotRecorded }));
        }
        match self.browser_run.recorded(&record.session_id, what, raw).await {
            None => Ok(Err(NoRecording::Unreadable)),
            Some(Err(error)) if error.is_gone() => Ok(Err(NoRecording::now(record, now_ms))),
            Some(relayed) => Ok(Ok(relayed?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EndReason, Ending};

    fn recorded() -> SessionRecord {
        let mut record = SessionRecord::for_tests("s1", 0);
        record.recording = true;
        record
    }

    fn ended_at(ended_at_ms: u64) -> SessionRecord {
        let mut record = recorded();
        record.end(&Ending::now(EndReason::Gone), ended_at_ms);
        record
    }

    #[test]
    fn a_recording_that_is_not_there_is_waited_for_after_the_end_and_not_for_ever() {
        let pending = |retry_after_seconds| NoRecording::Pending { retry_after_seconds };
        assert_eq!(NoRecording::now(&recorded(), DAY_MS), pending(60));
        let ended = ended_at(1_000);
        assert_eq!(NoRecording::now(&ended, 1_000 + MAKING_MS - 1), pending(3));
        assert_eq!(NoRecording::now(&ended, 1_000 + MAKING_MS), NoRecording::Gone);
    }

    #[test]
    fn a_recording_is_there_for_thirty_days() {
        let mut ended = ended_at(1_000);
        assert!(ended.is_recorded(1_000 + 30 * DAY_MS - 1) && !ended.is_recorded(1_000 + 30 * DAY_MS));
        ended.recording = false;
        assert!(!ended.is_recorded(1_000));
    }
}
