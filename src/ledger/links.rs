//! Signed links as the ledger remembers them: who made them, how many browsers they have opened, and which are revoked.

use super::{Ledger, Refusal};
use crate::click::Options;
use crate::page_url::PageUrl;
use crate::signed_link::SignedLink;
use serde::{Deserialize, Serialize};

/// The version of the stored format.
const VERSION: u32 = 1;

/// A link that was made here. Times are epoch milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LinkRecord {
    version: u32,
    pub(crate) id: String,
    /// Who made it.
    pub(crate) caller: String,
    pub(crate) url: PageUrl,
    pub(crate) options: Options,
    pub(crate) confirm: bool,
    pub(crate) note: Option<String>,
    pub(crate) created_at_ms: u64,
    pub(crate) expires_at_ms: u64,
    pub(crate) max_opens: u32,
    /// How many browsers it has opened.
    pub(crate) opens: u32,
    pub(crate) revoked_at_ms: Option<u64>,
}

impl LinkRecord {
    pub(crate) fn new(link: &SignedLink, caller: String, note: Option<String>, now_ms: u64) -> Self {
        Self {
            version: VERSION,
            id: link.id.clone(),
            caller,
            url: link.url.clone(),
            options: link.click().options,
            confirm: link.confirm,
            note,
            created_at_ms: now_ms,
            expires_at_ms: link.exp * 1_000,
            max_opens: link.max,
            opens: 0,
            revoked_at_ms: None,
        }
    }
}

impl Ledger {
    /// Records a link that was just made.
    pub(crate) fn link_made(&mut self, link: LinkRecord) {
        self.changed_links.insert(link.id.clone());
        self.links.insert(link.id.clone(), link);
    }

    /// Revokes a link of this caller's. Answers whether there is one.
    pub(crate) fn revoke_link(&mut self, id: &str, caller: &str, now_ms: u64) -> bool {
        let Some(link) = self.links.get_mut(id).filter(|link| link.caller == caller) else { return false };
        link.revoked_at_ms.get_or_insert(now_ms);
        self.changed_links.insert(id.to_owned());
        true
    }

    /// Why a link opens nothing any more.
    pub(super) fn refuse_link(&self, id: &str) -> Option<Refusal> {
        match self.links.get(id) {
            None => Some(Refusal::LinkUnknown),
            Some(link) if link.revoked_at_ms.is_some() => Some(Refusal::LinkRevoked),
            Some(_) => None,
        }
    }

    /// Counts a browser against a link.
    pub(super) fn use_link(&mut self, id: &str) -> Result<(), Refusal> {
        let link = self.links.get_mut(id).ok_or(Refusal::LinkUnknown)?;
        if link.opens >= link.max_opens {
            return Err(Refusal::LinkUsedUp { max_opens: link.max_opens });
        }
        link.opens += 1;
        self.changed_links.insert(id.to_owned());
        Ok(())
    }

    /// Gives back a browser that came to nothing.
    pub(super) fn give_back_link(&mut self, id: &str) {
        let Some(link) = self.links.get_mut(id) else { return };
        link.opens = link.opens.saturating_sub(1);
        self.changed_links.insert(id.to_owned());
    }

    /// The links to save now.
    pub(crate) fn take_changed_links(&mut self) -> Vec<LinkRecord> {
        std::mem::take(&mut self.changed_links).iter().filter_map(|id| self.links.get(id).cloned()).collect()
    }
}
