//! Why a session ended, or is being closed: one word, stored and shown by programs as it is.

use serde::{Deserialize, Serialize};

/// `too_old`, `unused`, …: a word of ours; any other is Browser Run's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline, with = "String"))]
#[serde(from = "String", into = "String")]
pub(crate) enum EndReason {
    /// It outlived `MAX_SESSION_MINUTES`.
    TooOld,
    /// Nobody was connected, and nobody clicked, for `IDLE_MINUTES`.
    Unused,
    /// Its owner closed it.
    ClosedOnRequest,
    /// Its first tab could not be opened.
    TabFailed,
    /// The signed link that opened it was revoked.
    LinkRevoked,
    /// What the ledger had stored of it could not be read any more.
    Unreadable,
    /// Browser Run does not know it any more, and does not say why.
    Gone,
    /// Browser Run's own word: `BrowserIdle`, `NormalClosure`, …
    Reported(String),
}

impl EndReason {
    const OURS: [(&str, Self); 7] = [
        ("too_old", Self::TooOld),
        ("unused", Self::Unused),
        ("closed_on_request", Self::ClosedOnRequest),
        ("tab_failed", Self::TabFailed),
        ("link_revoked", Self::LinkRevoked),
        ("unreadable", Self::Unreadable),
        ("gone", Self::Gone),
    ];

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Reported(word) => word,
            ours => Self::OURS.iter().find(|(_, reason)| reason == ours).map_or("", |(word, _)| word),
        }
    }
}

impl From<String> for EndReason {
    fn from(word: String) -> Self {
        let ours = Self::OURS.into_iter().find(|(ours, _)| *ours == word);
        ours.map_or(Self::Reported(word), |(_, reason)| reason)
    }
}

impl From<EndReason> for String {
    fn from(reason: EndReason) -> Self {
        reason.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_read_as_it_was_written() {
        let words = EndReason::OURS.map(|(word, reason)| {
            assert_eq!(reason.as_str(), word);
            word
        });
        for word in words.into_iter().chain(["BrowserIdle", "ended", ""]) {
            assert_eq!(String::from(EndReason::from(word.to_owned())), word);
        }
        assert_eq!(EndReason::from("BrowserIdle".to_owned()), EndReason::Reported("BrowserIdle".to_owned()));
    }
}
