//! What a program is told of an error, and a page is made of: an RFC 9457 problem.

mod kind;

pub(crate) use kind::Kind;

use lean_json::ToJson;

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
    #[serde(skip)]
    pub(crate) retry_after_seconds: Option<u64>,
    /// Whether a button helps: the same page can be opened again.
    #[serde(skip)]
    pub(crate) can_reopen: bool,
}

impl Problem {
    pub(super) fn new(kind: Kind, detail: String) -> Self {
        let (title, status) = (kind.title(), kind.status());
        let (request_id, retry_after_seconds, can_reopen) = (String::new(), None, false);
        let advice = kind.advice();
        let (kind, recording, har) = (kind.urn(), None, None);
        Self { kind, title, status, detail, recording, har, advice, request_id, retry_after_seconds, can_reopen }
    }

    /// The kind without what all kinds begin with.
    pub(super) fn name(&self) -> &'static str {
        self.kind.rsplit(':').next().unwrap_or(self.kind)
    }

    pub(super) fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }
}
