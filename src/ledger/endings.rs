//! How sessions and tabs end: by themselves, or closed by us.

use super::{Ledger, State};

impl Ledger {
    /// Records that a session has ended, after as long as Browser Run says, if it does. What has ended stays as it was.
    pub(crate) fn ended_after(&mut self, session_id: &str, reason: &str, lived_ms: Option<u64>, now_ms: u64) {
        let Some(session) = self.sessions.get_mut(session_id) else { return };
        if session.end(reason, session.ended_at_ms(lived_ms, now_ms)) {
            self.usage.count_ended(session);
            self.changed.insert(session_id.to_owned());
        }
    }

    /// Records that Browser Run was asked for these sessions, one by one.
    pub(crate) fn asked(&mut self, session_ids: &[String], now_ms: u64) {
        for session_id in session_ids {
            let Some(session) = self.sessions.get_mut(session_id) else { continue };
            session.asked_at_ms = Some(now_ms);
            self.changed.insert(session_id.clone());
        }
    }

    /// Forgets a tab that is no longer there.
    pub(crate) fn tab_gone(&mut self, session_id: &str, target_id: &str) {
        let Some(session) = self.sessions.get_mut(session_id) else { return };
        session.tabs.retain(|tab| tab.target_id != target_id);
        self.changed.insert(session_id.to_owned());
    }

    /// Marks a session for closing, so that no click uses it any more. Answers whether it may be closed: it is
    /// ours, it has not ended, and nobody has clicked it since `unless_clicked_after_ms`.
    pub(crate) fn begin_closing(&mut self, session_id: &str, unless_clicked_after_ms: u64, reason: &str) -> bool {
        let Some(session) = self.sessions.get_mut(session_id) else { return false };
        if session.state == State::Open {
            if session.clicked_at_ms > unless_clicked_after_ms {
                return false;
            }
            session.state = State::Closing;
            session.end_reason = Some(reason.to_owned());
            self.changed.insert(session_id.to_owned());
        }
        session.state == State::Closing
    }

    /// Records that closing failed: it is tried again, after growing pauses.
    pub(crate) fn close_failed(&mut self, session_id: &str, now_ms: u64) {
        let Some(session) = self.sessions.get_mut(session_id) else { return };
        session.close_failed(now_ms);
        self.changed.insert(session_id.to_owned());
    }
}

#[cfg(test)]
impl Ledger {
    /// Records that a session has ended just now.
    pub(crate) fn ended(&mut self, session_id: &str, reason: &str, now_ms: u64) {
        self.ended_after(session_id, reason, None, now_ms);
    }
}
