//! Why a session ended, or is being closed: one word, stored and shown by programs as it is.

use lean_json::{FromJson, ToJson};

/// `too_old`, `unused`, …: a word of ours; any other is Browser Run's own.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline, with = "String"))]
#[serde(rename_all = "snake_case")]
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
    #[serde(untagged)]
    Reported(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_one_word_and_read_as_it_was_written() {
        for (reason, word) in [
            (EndReason::TooOld, "too_old"),
            (EndReason::Unused, "unused"),
            (EndReason::ClosedOnRequest, "closed_on_request"),
            (EndReason::TabFailed, "tab_failed"),
            (EndReason::LinkRevoked, "link_revoked"),
            (EndReason::Unreadable, "unreadable"),
            (EndReason::Gone, "gone"),
            (EndReason::Reported("BrowserIdle".to_owned()), "BrowserIdle"),
            (EndReason::Reported("ended".to_owned()), "ended"),
            (EndReason::Reported(String::new()), ""),
        ] {
            let stored = format!("\"{word}\"");
            assert_eq!(lean_json::write(&reason), stored);
            assert_eq!(lean_json::read::<EndReason>(&stored).unwrap(), reason);
        }
    }
}
