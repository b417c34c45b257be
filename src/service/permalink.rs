//! A permalink, followed: to DevTools on its tab, or to what has become of it.

use super::App;
use super::open::OpenError;
use crate::browser_run::Transport;
use crate::domain::{DevtoolsLink, Ended, SessionRecord, State, TargetId, View, sweep};
use crate::ledger::{ForgetTab, LedgerTransport, RecordEndings, Touch};

/// Where a permalink leads.
#[derive(Debug)]
pub(crate) enum Lead {
    /// To this tab, by a link minted now.
    Tab { target_id: TargetId, link: DevtoolsLink },
    /// Nowhere any more: the session has ended, or no longer has the tab.
    Nowhere(SessionRecord),
}

impl<T: Transport, L: LedgerTransport> App<T, L> {
    /// Follows a permalink into a session, to one of its tabs: the one clicked last where none is named.
    ///
    /// `view`: what the link shows, where that is not what the tab's own click asked for.
    ///
    /// # Errors
    /// When Browser Run or the ledger does not answer.
    pub(crate) async fn follow(
        &self, mut record: SessionRecord, target_id: Option<&TargetId>, view: Option<View>,
    ) -> Result<Lead, OpenError> {
        let session_id = record.session_id.clone();
        let Some(tab) = record.tab_or_latest(target_id).filter(|_| record.state == State::Open) else {
            return Ok(Lead::Nowhere(record));
        };
        let target_id = tab.target_id.clone();
        match self.link(&session_id, &target_id, view.unwrap_or(tab.view)).await {
            Ok(link) => {
                let calls = self.browser_run.untold_calls();
                self.ledger.ask(&Touch { session_id, target_id: target_id.clone(), calls }).await?;
                return Ok(Lead::Tab { target_id, link });
            }
            Err(error) if error.is_gone() => {}
            Err(error) => return Err(error),
        }
        // Either the session has ended, or the tab alone.
        let session = self.browser_run.session(&session_id).await?;
        if let Some(ending) = sweep::ending(session.as_ref()) {
            record.end(&ending, self.browser_run.now_ms());
            let ended = vec![Ended { session_id, ending }];
            let calls = self.browser_run.untold_calls();
            self.ledger.ask(&RecordEndings { ended, calls, ..RecordEndings::default() }).await?;
        } else {
            self.ledger.ask(&ForgetTab { session_id, target_id }).await?;
        }
        Ok(Lead::Nowhere(record))
    }
}
