//! Signed links are made, revoked and listed.

use super::Command;
use crate::domain::{SessionId, SignedLinkId};
use crate::ledger::links::LinkRecord;
use crate::ledger::rules::Ledger;
use crate::ledger::unanswered::Unanswered;
use lean_json::{FromJson, ToJson};

/// Records a link that was just made.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct MakeLink {
    pub(crate) link: LinkRecord,
}

/// Asks whether a link may still be used. A refusal: it may not.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct CheckLink {
    pub(crate) link_id: SignedLinkId,
}

/// Revokes a link of this caller's. Answers the sessions that it opened and that have not ended; `None`: there is no such
/// link.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct RevokeLink {
    pub(crate) link_id: SignedLinkId,
    pub(crate) caller: String,
}

/// A caller's links, newest first.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct ListLinks {
    pub(crate) caller: String,
}

impl Command for MakeLink {
    type Answer = ();

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<(), Unanswered> {
        ledger.insert_link(self.link.clone());
        Ok(())
    }
}

impl Command for CheckLink {
    type Answer = ();

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<(), Unanswered> {
        ledger.check_link(&self.link_id)
    }
}

impl Command for RevokeLink {
    type Answer = Option<Vec<SessionId>>;

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<Option<Vec<SessionId>>, Unanswered> {
        let Self { link_id, caller } = self;
        let of_link = ledger.unended().filter(|session| session.signed_link_id.as_ref() == Some(link_id));
        let opened: Vec<_> =
            of_link.filter(|session| session.caller == *caller).map(|session| session.session_id.clone()).collect();
        let is_theirs = ledger.link(link_id)?.is_some_and(|link| link.caller == *caller);
        if is_theirs && let Some(link) = ledger.link_mut(link_id)? {
            link.revoked_at_ms.get_or_insert(now_ms);
        }
        // A link that has expired is forgotten before its sessions are.
        Ok(Some(opened).filter(|opened| is_theirs || !opened.is_empty()))
    }
}

impl Command for ListLinks {
    type Answer = Vec<LinkRecord>;

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<Vec<LinkRecord>, Unanswered> {
        Ok(ledger.store.links_of(&self.caller)?)
    }
}
