//! `GET` and `DELETE /browser/{session_id}/json/close/{target_id}`: closes a tab.

use axum::Json;
use browser_run_api::Message;

use super::super::{error::Error, extract::OpenTarget};

pub(crate) async fn handle(OpenTarget { session, target }: OpenTarget) -> Result<Json<Message>, Error> {
    Ok(Json(Message { message: session.devtools.close(&target).await? }))
}
