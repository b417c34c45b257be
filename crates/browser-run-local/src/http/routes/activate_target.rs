//! `GET /browser/{session_id}/json/activate/{target_id}`: brings a tab to the front.

use axum::Json;
use browser_run_api::Message;

use super::super::{error::Error, extract::OpenTarget};

pub(crate) async fn handle(OpenTarget { session, target }: OpenTarget) -> Result<Json<Message>, Error> {
    Ok(Json(Message { message: session.devtools.activate(&target).await? }))
}
