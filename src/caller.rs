//! Who clicks.

use serde::{Deserialize, Serialize};

/// Who sent a request. Two requests with equal callers are the same person's double click; only a named caller has
/// sessions of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Caller {
    /// The identified caller's name.
    pub(crate) name: Option<String>,
    /// Tells unidentified callers apart, as far as their requests do: address and user agent.
    pub(crate) client: String,
}
