//! `GET /browser/{session_id}/json/protocol`: the description of the protocol that the browser speaks.

use axum::Json;
use serde_json::Value;

use super::super::error::Error;
use crate::session::sessions::OpenSession;

pub(crate) async fn handle(session: OpenSession) -> Result<Json<Value>, Error> {
    Ok(Json(session.devtools.protocol().await?))
}
