//! `GET /browser/{session_id}/json/protocol`: the description of the protocol that the browser speaks.

use axum::Json;
use serde_json::Value;

use crate::{error::Error, sessions::OpenSession};

pub(crate) async fn handle(session: OpenSession) -> Result<Json<Value>, Error> {
    Ok(Json(session.devtools.protocol().await?))
}
