//! What keeps a click from its tab.

use crate::browser_run::UpstreamError;
use crate::domain::InvalidDevtoolsLink;
use crate::ledger::LedgerError;
use page_url::RefusedHost;

/// Why a click opens nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Host(#[from] RefusedHost),
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error(transparent)]
    Link(#[from] InvalidDevtoolsLink),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl OpenError {
    /// Whether what was asked for has vanished upstream.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Upstream(error) if error.is_gone())
    }

    /// Whether it is a whole session that has vanished, not a tab alone.
    pub(super) fn is_session_gone(&self) -> bool {
        matches!(self, Self::Upstream(error) if error.is_gone() && error.step == "open_tab")
    }
}
