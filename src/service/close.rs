//! Sessions of ours, closed: the only place that does.

use super::App;
use super::at_once::at_once;
use crate::browser_run::{Transport, UpstreamError};
use crate::domain::{EndReason, Ended, Ending, SessionId};
use crate::ledger::{LedgerError, LedgerTransport, Mark, MarkClosing, RecordEndings};

/// How closing sessions went. What is in neither list is not ours, has ended, or was clicked in the meantime.
#[derive(Debug, Default)]
pub(crate) struct Closings {
    pub(crate) closed: Vec<SessionId>,
    /// The clean-up will try these again.
    pub(crate) failed: Vec<FailedClosing>,
}

/// A session that could not be closed.
#[derive(Debug)]
pub(crate) struct FailedClosing {
    pub(crate) session_id: SessionId,
    pub(crate) error: UpstreamError,
}

impl<T: Transport, L: LedgerTransport> App<T, L> {
    /// Closes one session of ours, if it has not ended.
    ///
    /// # Errors
    /// As [`App::close_sessions`].
    pub(crate) async fn close_session(&self, id: &SessionId, reason: EndReason) -> Result<Closings, LedgerError> {
        self.close_sessions(vec![Mark::now(id.clone(), reason)]).await
    }

    /// Closes sessions of ours. The ledger is asked first, so that nothing is closed that is not ours or has just been
    /// clicked, and told afterwards, so that nothing is forgotten: once each, however many there are. Who dies between leaves
    /// them marked, and the clean-up closes them again.
    ///
    /// # Errors
    /// When the ledger does not answer.
    pub(crate) async fn close_sessions(&self, sessions: Vec<Mark>) -> Result<Closings, LedgerError> {
        if sessions.is_empty() {
            return Ok(Closings::default());
        }
        let asked = MarkClosing { sessions };
        let marked = self.ledger.ask(&asked).await?;
        let (mut closings, mut told) = (Closings::default(), RecordEndings::default());
        let closing = asked.sessions.into_iter().filter(|mark| marked.contains(&mark.session_id));
        let closing = closing.map(|mark| async {
            let result = self.browser_run.close(&mark.session_id).await;
            (mark, result)
        });
        at_once(closing, |(Mark { session_id, reason, .. }, result)| match result {
            Ok(()) => {
                told.ended.push(Ended { session_id: session_id.clone(), ending: Ending::now(reason) });
                closings.closed.push(session_id);
            }
            Err(error) => {
                told.close_failed.push(session_id.clone());
                closings.failed.push(FailedClosing { session_id, error });
            }
        })
        .await;
        if !marked.is_empty() {
            told.calls = self.browser_run.untold_calls();
            self.ledger.ask(&told).await?;
        }
        Ok(closings)
    }
}
