//! A signed link as the ledger remembers it: who made it, how many browsers it has opened, and whether it is revoked.

use super::in_flight::ClickInFlight;
use super::limits::Refusal;
use crate::domain::access::SignedLink;
use crate::domain::click::Options;
use crate::domain::session::SignedLinkId;
use crate::domain::url::PageUrl;
use serde::{Deserialize, Serialize};

/// The version of the stored format.
const VERSION: u32 = 1;

/// A link that was made here. Times are epoch milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LinkRecord {
    version: u32,
    pub(crate) id: SignedLinkId,
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

/// What keeps a click from opening a link's next browser.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HeldUp {
    Refused(Refusal),
    /// One of those that are being opened may fail.
    Until(u64),
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

    /// Whether this Worker knows how to read it.
    pub(super) fn is_known_version(&self) -> bool {
        self.version == VERSION
    }

    /// Whether all of its browsers have been opened, or are being opened right now. One of those may fail, so that there
    /// is something to wait for.
    pub(super) fn held_up<'a>(&self, in_flight: impl Iterator<Item = &'a ClickInFlight> + Clone) -> Option<HeldUp> {
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let (max_opens, counted) = (size(self.max_opens), in_flight.clone().filter(|click| click.counted).count());
        let opens = size(self.opens).saturating_sub(counted);
        if opens >= max_opens {
            return Some(HeldUp::Refused(Refusal::LinkUsedUp { max_opens: self.max_opens }));
        }
        let until_ms = in_flight.clone().map(|click| click.until_ms).min()?;
        (opens + in_flight.count() >= max_opens).then_some(HeldUp::Until(until_ms))
    }
}
