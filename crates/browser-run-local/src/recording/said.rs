//! A message of Chromium's, of which little is read at first. Pure.

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// A command's answer, which has an `id`, or an event, which has a `method`.
#[derive(Debug, Deserialize)]
pub(super) struct Said<'a> {
    pub(super) id: Option<u64>,
    pub(super) method: Option<&'a str>,
    #[serde(rename = "sessionId")]
    pub(super) session: Option<&'a str>,
    #[serde(borrow)]
    pub(super) params: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
}

/// Nothing, where it is no message of CDP's.
pub(super) fn said(message: &Bytes) -> Option<Said<'_>> {
    serde_json::from_slice(message).ok()
}

/// The rest of it.
pub(super) fn value(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or_default()
}
