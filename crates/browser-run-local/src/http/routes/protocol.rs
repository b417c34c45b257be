//! `GET /browser/{session_id}/json/protocol`: the description of the protocol that the browser speaks, and of Browser Run's own
//! commands.

use axum::Json;
use serde_json::Value;

use super::super::error::Error;
use crate::{cdp::cloudflare, session::sessions::OpenSession};

pub(crate) async fn handle(session: OpenSession) -> Result<Json<Value>, Error> {
    Ok(Json(cloudflare::described(session.devtools.protocol().await?)))
}
