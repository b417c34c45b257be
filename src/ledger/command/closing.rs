//! How sessions end: by themselves, or closed by us. However many there are, they are told at once.

use super::Command;
use crate::domain::{EndReason, Ended, SessionId, UpstreamCall};
use crate::ledger::rules::Ledger;
use crate::ledger::unanswered::Unanswered;
use lean_json::{FromJson, ToJson};

/// Marks sessions for closing, so that no click uses them any more. Answers those that may be closed: they are ours, they
/// have not ended, and nobody has clicked them since.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct MarkClosing {
    pub(crate) sessions: Vec<Mark>,
}

/// A session to be marked.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct Mark {
    pub(crate) session_id: SessionId,
    /// Unless it was clicked after this time.
    pub(crate) unless_clicked_after_ms: Option<u64>,
    pub(crate) reason: EndReason,
}

/// Records what has become of sessions. What has ended stays as it was.
#[derive(Debug, Default, ToJson, FromJson)]
pub(crate) struct RecordEndings {
    pub(crate) ended: Vec<Ended>,
    /// Closing them failed: it is tried again, after growing pauses.
    pub(crate) close_failed: Vec<SessionId>,
    /// Browser Run was asked for them, one by one.
    pub(crate) asked: Vec<SessionId>,
    /// What was called meanwhile, for the counters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) calls: Vec<UpstreamCall>,
}

impl Mark {
    /// One that is to be closed whoever clicks it.
    pub(crate) fn now(session_id: SessionId, reason: EndReason) -> Self {
        Self { session_id, unless_clicked_after_ms: None, reason }
    }
}

impl Command for MarkClosing {
    type Answer = Vec<SessionId>;

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<Vec<SessionId>, Unanswered> {
        let mut marked = Vec::new();
        for Mark { session_id, unless_clicked_after_ms, reason } in &self.sessions {
            if ledger.mark_closing(session_id, *unless_clicked_after_ms, reason) {
                marked.push(session_id.clone());
            }
        }
        Ok(marked)
    }
}

impl Command for RecordEndings {
    type Answer = ();

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<(), Unanswered> {
        ledger.metrics.calls(&self.calls);
        for session_id in &self.asked {
            if let Some(session) = ledger.get_mut(session_id) {
                session.asked_at_ms = Some(now_ms);
            }
        }
        for Ended { session_id, ending } in &self.ended {
            ledger.end(session_id, ending, now_ms);
        }
        for session_id in &self.close_failed {
            if let Some(session) = ledger.get_mut(session_id) {
                session.close_failed(now_ms);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Caller, Ending, Policy, State};
    use crate::ledger::test_ledger::{TestLedger, click};

    fn ledger_with_s1(now_ms: u64) -> TestLedger {
        let mut ledger = TestLedger::new(Policy::for_tests());
        ledger.open(&click(&Caller::known("ada"), "url=https://a.com"), "s1", now_ms);
        ledger
    }

    #[test]
    fn a_click_saves_a_session_from_being_closed_as_unused() {
        let mut ledger = ledger_with_s1(100);
        assert!(!ledger.mark_closing("s1", Some(99), EndReason::Unused));
        assert!(ledger.mark_closing("s1", Some(100), EndReason::Unused));
        assert!(ledger.mark_closing("s1", Some(0), EndReason::Unused), "once marked, it stays marked");
        assert!(!ledger.mark_closing("somebody-elses", None, EndReason::TooOld));
    }

    #[test]
    fn what_changed_is_saved_and_what_ended_leaves_memory() {
        let mut ledger = ledger_with_s1(0);
        assert!(ledger.restarted(1).ledger.get(&"s1".into()).is_some());
        ledger.end("s1", Ending::now(EndReason::Reported("BrowserIdle".to_owned())), 5);
        ledger.end("s1", Ending::now(EndReason::Gone), 9);
        assert_eq!(ledger.ledger.get(&"s1".into()), None);
        let saved = ledger.find("s1").unwrap();
        assert_eq!(saved.end_reason, Some(EndReason::Reported("BrowserIdle".to_owned())));
        assert_eq!((saved.state, saved.ended_at_ms), (State::Ended, Some(5)));
        assert!(!ledger.mark_closing("s1", None, EndReason::TooOld), "it has ended");
    }
}
