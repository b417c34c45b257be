//! A click, and whose it is.

use super::Caller;
use crate::domain::click::Click;
use crate::domain::session::SignedLinkId;
use serde::{Deserialize, Serialize};

/// What the ledger decides about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AttributedClick {
    pub(crate) caller: Caller,
    pub(crate) click: Click,
    /// The link that allows it, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed_link: Option<SignedLinkId>,
}

impl AttributedClick {
    /// A click that its caller may make without a signed link.
    pub(crate) fn new(caller: Caller, click: Click) -> Self {
        Self { caller, click, signed_link: None }
    }

    /// Whether it is the same click once more. The caller of a signed link's click tells the link.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.caller == other.caller && self.click == other.click
    }
}
