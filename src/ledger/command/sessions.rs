//! Sessions, looked up and touched.

use super::Command;
use crate::domain::{SessionId, SessionRecord, State, TargetId, UpstreamCall};
use crate::ledger::rules::Ledger;
use crate::ledger::unanswered::Unanswered;
use lean_json::{FromJson, ToJson};

/// All sessions that have not ended.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct OpenSessions {}

/// One session, ended or not.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct FindSession {
    pub(crate) session_id: SessionId,
}

/// A part of a caller's sessions, newest first.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct ListSessions {
    pub(crate) caller: String,
    pub(crate) state: Option<State>,
    pub(crate) limit: u64,
    pub(crate) offset: u64,
}

/// The answer to [`ListSessions`].
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct SessionPage {
    pub(crate) sessions: Vec<SessionRecord>,
    /// How many there are in all.
    pub(crate) total: u64,
}

/// Records that a link into a tab was asked for again.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct Touch {
    pub(crate) session_id: SessionId,
    pub(crate) target_id: TargetId,
    /// What was called for it, for the counters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) calls: Vec<UpstreamCall>,
}

/// Forgets a tab that is no longer there.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct ForgetTab {
    pub(crate) session_id: SessionId,
    pub(crate) target_id: TargetId,
}

impl Command for OpenSessions {
    type Answer = Vec<SessionRecord>;

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<Vec<SessionRecord>, Unanswered> {
        Ok(ledger.unended().cloned().collect())
    }
}

impl Command for FindSession {
    type Answer = Option<SessionRecord>;

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<Option<SessionRecord>, Unanswered> {
        match ledger.get(&self.session_id) {
            Some(session) => Ok(Some(session.clone())),
            None => Ok(ledger.store.session(&self.session_id)?),
        }
    }
}

impl Command for ListSessions {
    type Answer = SessionPage;

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<SessionPage, Unanswered> {
        let Self { caller, state, limit, offset } = self;
        let (sessions, total) = ledger.store.page_of(caller, *state, *limit, *offset)?;
        Ok(SessionPage { sessions, total })
    }
}

impl Command for Touch {
    type Answer = ();

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<(), Unanswered> {
        ledger.metrics.calls(&self.calls);
        ledger.touch(&self.session_id, Some(&self.target_id), now_ms);
        Ok(())
    }
}

impl Command for ForgetTab {
    type Answer = ();

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<(), Unanswered> {
        if let Some(session) = ledger.get_mut(&self.session_id) {
            session.tabs.retain(|tab| tab.target_id != self.target_id);
        }
        Ok(())
    }
}
