//! A call of Browser Run's API, as the ledger counts it.

use lean_json::{FromJson, ToJson};

/// What another version of the Worker calls by a name that is not known here.
pub(crate) const OTHER: &str = "other";
/// Every step there is. What is counted by one is counted by these alone.
pub(crate) const STEPS: [&str; 10] =
    ["acquire", "open_tab", "target", "targets", "live_view", "close_tab", "close", "session", "sessions", OTHER];
/// Every way in which one fails.
pub(crate) const FAILURES: [&str; 9] =
    ["timed_out", "unreachable", "denied", "limited", "gone", "unavailable", "refused", "malformed", OTHER];

/// One call, on its way to the ledger.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
pub(crate) struct UpstreamCall {
    /// One of [`STEPS`].
    pub(crate) step: String,
    pub(crate) ms: u64,
    /// One of [`FAILURES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
}
