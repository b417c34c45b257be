//! Ids, each kind a type of its own: nobody passes a tab's where a session's belongs.

use lean_json::{FromJson, ToJson};
use std::fmt;

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ToJson, FromJson)]
        #[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
        #[serde(transparent)]
        pub(crate) struct $name(String);

        impl $name {
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<T: Into<String>> From<T> for $name {
            fn from(id: T) -> Self {
                Self(id.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

text_ids! {
    /// A session's: a UUID of Browser Run's.
    SessionId,
    /// A tab's: 32 hexadecimal digits of Chromium's.
    TargetId,
    /// A signed link's: a UUID of ours, which is inside it.
    SignedLinkId,
}

/// A click in flight: the ledger's number for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ToJson, FromJson)]
#[serde(transparent)]
pub(crate) struct ClickId(u64);

impl ClickId {
    /// A number after `last`, and never one from before a restart.
    pub(crate) fn next(last: Option<Self>, now_ms: u64) -> Self {
        Self(last.map_or(0, |Self(last)| last + 1).max(now_ms))
    }
}
