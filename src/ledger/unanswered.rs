//! Why a command is not answered as it was asked.

use lean_json::{FromJson, ToJson};

/// What keeps a command from its answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    /// It is to be carried out again when something has changed, or at this time.
    #[error("it waits until {0}")]
    WaitUntil(u64),
    /// That is the answer.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store does not answer.
    #[error("the store: {0}")]
    Failed(#[from] StoreError),
}

/// SQLite did not do what it was asked for. What it says can hold what is stored of anybody: it is for the log alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct StoreError(pub(super) String);

/// Why a click opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("this link is not known here any more")]
    LinkUnknown,
    #[error("this link was revoked")]
    LinkRevoked,
    #[error("this link was for {max_opens} browser(s), and they have been opened")]
    LinkUsedUp { max_opens: u32 },
    #[error("{caller} has {limit} sessions open already (MAX_SESSIONS_PER_CALLER)")]
    Sessions { caller: String, limit: usize, retry_after_seconds: u64 },
    #[error("{caller} has opened {limit} pages within a minute (MAX_OPENS_PER_MINUTE)")]
    Opens { caller: String, limit: usize, retry_after_seconds: u64 },
    #[error("the day's {minutes} browser minutes are used up (MAX_BROWSER_MINUTES_PER_DAY)")]
    BrowserTime { minutes: u64, retry_after_seconds: u64 },
}
