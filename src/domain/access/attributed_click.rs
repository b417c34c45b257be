//! A click, and whose it is.

use super::Caller;
use crate::domain::click::Click;
use crate::domain::session::SignedLinkId;
use lean_json::{FromJson, ToJson};

/// What the ledger decides about. Two that are equal are the same click, made twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, ToJson, FromJson)]
pub(crate) struct AttributedClick {
    pub(crate) caller: Caller,
    pub(crate) click: Click,
    /// The link that allows it, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed_link_id: Option<SignedLinkId>,
}

impl AttributedClick {
    /// A click that its caller may make without a signed link.
    pub(crate) fn new(caller: Caller, click: Click) -> Self {
        Self { caller, click, signed_link_id: None }
    }
}
