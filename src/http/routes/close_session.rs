//! `DELETE /api/sessions/{id}`: closes a session of the caller's. One that is closed already is a success.

use super::{Caller, Error, Reply, RequestContext, show_session::own_session};
use crate::domain::EndReason;

/// 204: it is closed. 202: it could not be closed now, and will be.
pub(crate) async fn close_session(
    context: &RequestContext<'_>, caller: &Caller, session_id: &str,
) -> Result<Reply, Error> {
    let session = own_session(context, caller, session_id).await?;
    let closings = context.app.close_session(&session.session_id, EndReason::ClosedOnRequest).await?;
    Ok(Reply::empty(if closings.failed.is_empty() { 204 } else { 202 }))
}
