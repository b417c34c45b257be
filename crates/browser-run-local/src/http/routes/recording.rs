//! `GET /recording/{session_id}`: what happened in the pages of a session that has ended, in Cloudflare's envelope.
//!
//! <https://developers.cloudflare.com/browser-run/features/session-recording/#retrieve-a-recording-via-api>

use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};

use super::super::extract::Recorded;

pub(crate) async fn handle(Recorded(kept): Recorded) -> Response {
    ([(CONTENT_TYPE, "application/json")], kept.events()).into_response()
}
