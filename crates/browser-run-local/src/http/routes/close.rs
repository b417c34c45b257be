//! `DELETE /browser/{session_id}`: the session has ended when this is answered, its browser soon after.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::{CloseState, Closing};

use super::super::{app::App, error::Error, extract::SessionId};
use crate::session::lifecycle::CloseReason;

pub(crate) async fn handle(State(app): State<Arc<App>>, SessionId(id): SessionId) -> Result<Json<Closing>, Error> {
    app.sessions.end(id, CloseReason::NormalClosure)?;
    Ok(Json(Closing { status: CloseState::Closing }))
}
