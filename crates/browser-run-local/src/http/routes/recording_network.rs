//! `GET /recording/{session_id}/network?target=…`: what a page of it has requested, as a bare array; `format=har` for a HAR.
//!
//! <https://developers.cloudflare.com/browser-run/features/session-recording/#retrieve-network-activity-via-api>

use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::super::{
    error::Error,
    extract::{Params, Recorded},
};

#[derive(Deserialize)]
pub(crate) struct Wanted {
    target: Option<String>,
    format: Option<String>,
}

pub(crate) async fn handle(Recorded(kept): Recorded, Params(wanted): Params<Wanted>) -> Result<Response, Error> {
    let target =
        wanted.target.ok_or_else(|| Error::BadRequest("target is required: a key of the events".to_owned()))?;
    let body = match wanted.format.as_deref() {
        None | Some("json") => kept.network(&target),
        Some("har") => kept.har(&target),
        Some(other) => return Err(Error::BadRequest(format!("format must be har, or json: {other}"))),
    };
    let body = body.ok_or(Error::NoRecordedTarget)?;
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}
