//! What can go wrong upstream, told apart as far as an answer differs.

use super::{Answer, SendError};
use browser_run_api::error_message;

/// How much of an upstream's own words is passed on, in characters.
const MESSAGE_LENGTH: usize = 300;

/// A call that failed: at which step, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {kind}")]
pub(crate) struct UpstreamError {
    pub(crate) step: &'static str,
    pub(crate) kind: UpstreamErrorKind,
}

/// How a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UpstreamErrorKind {
    #[error("Browser Run did not answer in time")]
    TimedOut,
    /// Why is the platform's own word, for the log alone.
    #[error("Browser Run could not be reached")]
    Unreachable(String),
    #[error("Browser Run refused the credentials ({status}): {message}")]
    Denied { status: u16, message: String },
    #[error("Browser Run's limit was reached: {message}")]
    Limited { limit: Limit, retry_after_seconds: Option<u64>, message: String },
    #[error("there is no such session any more ({status}): {message}")]
    Gone { status: u16, message: String },
    #[error("Browser Run has no browser to give: {message}")]
    Unavailable { retry_after_seconds: Option<u64>, message: String },
    #[error("Browser Run answered {status}: {message}")]
    Refused { status: u16, message: String },
    #[error("Browser Run's answer could not be understood: {0}")]
    Malformed(String),
}

/// Which of Browser Run's limits a 429 means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Browsers are asked for too quickly.
    Rate,
    /// As many browsers are open as may be.
    Concurrency,
    /// The day's browser minutes are used up.
    BrowserTime,
}

impl UpstreamError {
    pub(super) fn unanswered(step: &'static str, error: SendError) -> Self {
        let kind = match error {
            SendError::TimedOut => UpstreamErrorKind::TimedOut,
            SendError::Unreachable(message) => UpstreamErrorKind::Unreachable(message),
        };
        Self { step, kind }
    }

    pub(crate) fn refused(step: &'static str, answer: &Answer) -> Self {
        let message: String = error_message(&answer.body).chars().take(MESSAGE_LENGTH).collect();
        let retry_after_seconds = answer.retry_after.as_deref().and_then(|value| value.trim().parse().ok());
        let kind = match answer.status {
            status @ (401 | 403) => UpstreamErrorKind::Denied { status, message },
            status @ (404 | 410) if step != "acquire" => UpstreamErrorKind::Gone { status, message },
            429 => UpstreamErrorKind::Limited { limit: Limit::said_by(&message), retry_after_seconds, message },
            503 => UpstreamErrorKind::Unavailable { retry_after_seconds, message },
            status => UpstreamErrorKind::Refused { status, message },
        };
        Self { step, kind }
    }

    /// An answer that makes no sense.
    pub(crate) fn malformed(step: &'static str, message: &str) -> Self {
        // It can quote the answer.
        Self { step, kind: UpstreamErrorKind::Malformed(message.chars().take(MESSAGE_LENGTH).collect()) }
    }

    /// Whether the session (or the tab) had vanished.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.kind, UpstreamErrorKind::Gone { .. })
    }

    /// Whether one of Browser Run's limits stood in the way.
    pub(crate) fn is_limited(&self) -> bool {
        matches!(self.kind, UpstreamErrorKind::Limited { .. })
    }
}

impl Limit {
    /// Documented are `Rate limit exceeded` and `Browser time limit exceeded for today`; how Browser Run words
    /// too many open browsers is not, so any mention of it is taken for that.
    fn said_by(message: &str) -> Self {
        let message = message.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if says(&["time limit", "for today", "browser minutes"]) {
            Self::BrowserTime
        } else if says(&["concurren", "too many", "at once", "already", "maximum"]) && !says(&["too many requests"]) {
            Self::Concurrency
        } else {
            Self::Rate
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(step: &'static str, status: u16, body: &str) -> UpstreamErrorKind {
        UpstreamError::refused(step, &Answer { status, retry_after: Some("7".to_owned()), body: body.to_owned() }).kind
    }

    #[test]
    fn the_three_limits_are_told_apart() {
        for (body, expected) in [
            (r#"{"error":"Rate limit exceeded"}"#, Limit::Rate),
            ("Too Many Requests", Limit::Rate),
            (r#"{"errors":[{"code":1,"message":"Browser time limit exceeded for today"}]}"#, Limit::BrowserTime),
            ("Too many browsers are open", Limit::Concurrency),
            ("Rate limit exceeded: maximum concurrent browsers", Limit::Concurrency),
        ] {
            let UpstreamErrorKind::Limited { limit, retry_after_seconds, .. } = refused("acquire", 429, body) else {
                panic!("{body}");
            };
            assert_eq!((limit, retry_after_seconds), (expected, Some(7)), "{body}");
        }
    }

    #[test]
    fn gone_is_a_session_not_an_account() {
        assert!(matches!(refused("open_tab", 410, ""), UpstreamErrorKind::Gone { status: 410, .. }));
        assert!(matches!(refused("open_tab", 404, ""), UpstreamErrorKind::Gone { status: 404, .. }));
        assert!(matches!(refused("acquire", 404, ""), UpstreamErrorKind::Refused { status: 404, .. }));
    }

    #[test]
    fn an_upstreams_words_are_cut() {
        let UpstreamErrorKind::Refused { message, .. } = refused("acquire", 500, &"ä".repeat(1_000)) else { panic!() };
        assert_eq!(message.chars().count(), MESSAGE_LENGTH);
    }
}
