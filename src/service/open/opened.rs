//! What a click has opened.

use crate::domain::{DevtoolsLink, SessionId, TargetId};
use crate::ledger::RecordTab;

/// A tab that shows what was asked for.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) session_id: SessionId,
    pub(crate) target_id: TargetId,
    pub(crate) link: DevtoolsLink,
    /// Whether the session was there before this click.
    pub(crate) reused: bool,
    /// Whether the tab was there, too: the same click had opened it.
    pub(crate) joined: bool,
    pub(crate) unfinished: Unfinished,
}

/// What is left to do once the answer is on its way: [`crate::service::App::finish`].
#[derive(Debug, Default)]
pub(crate) struct Unfinished {
    pub(super) record_tab: Option<RecordTab>,
    /// Tabs of the session to close.
    pub(in crate::service) surplus_tabs: Vec<TargetId>,
}
