//! What a program is told of an error, and a page is made of: an RFC 9457 problem.

mod kind;

pub(crate) use kind::Kind;

use lean_json::ToJson;
use page_url::PageUrl;

/// A page that has to wait no longer than this tries again by itself.
const LONGEST_WAIT_SECONDS: u64 = 120;

/// An RFC 9457 problem.
#[derive(Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Problem {
    /// `urn:devtools-link:…`: what a program tells problems apart by.
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(extend("enum" = kind::Kind::ALL.iter().map(|kind| kind.urn()).collect::<Vec<_>>())))]
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) status: u16,
    pub(crate) detail: String,
    /// Where the recording of a browser that has ended is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recording: Option<String>,
    /// Where what its tab asked the network for is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) har: Option<String>,
    /// What a person can do, or who else can.
    #[serde(skip)]
    pub(crate) advice: &'static str,
    /// What the request is called in the log, and in the header `x-request-id`.
    pub(crate) request_id: String,
    /// What was meant, where that can be guessed.
    #[serde(skip)]
    pub(crate) meant: Option<PageUrl>,
    #[serde(skip)]
    pub(crate) retry_after_seconds: Option<u64>,
    /// Whether a button helps: the same page can be opened again.
    #[serde(skip)]
    pub(crate) can_reopen: bool,
}

impl Problem {
    pub(super) fn new(kind: Kind, detail: String) -> Self {
        Self {
            kind: kind.urn(),
            title: kind.title(),
            status: kind.status(),
            detail,
            recording: None,
            har: None,
            advice: kind.advice(),
            request_id: String::new(),
            meant: None,
            retry_after_seconds: None,
            can_reopen: false,
        }
    }

    /// The kind without what all kinds begin with.
    pub(super) fn name(&self) -> &'static str {
        self.kind.rsplit(':').next().unwrap_or(self.kind)
    }

    /// After how many seconds its page tries again by itself, if it does.
    pub(super) fn retried_in(&self) -> Option<u64> {
        self.retry_after_seconds.filter(|seconds| *seconds <= LONGEST_WAIT_SECONDS).map(|seconds| seconds.max(2))
    }

    /// What happened, in plain words: without the names of variables, which details have in brackets at their end.
    pub(super) fn plain_detail(&self) -> String {
        let is_variable = |end: &str| end.bytes().all(|byte| byte.is_ascii_uppercase() || b"_)".contains(&byte));
        let words = match self.detail.rsplit_once(" (") {
            Some((words, end)) if is_variable(end) => words,
            _ => &self.detail,
        };
        words.trim_end_matches('.').replace('`', "\"")
    }

    pub(super) fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }
}
