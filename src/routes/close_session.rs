//! `DELETE /api/sessions/{id}`: closes a session of the caller's. One that is closed already is a success.

use crate::app::Closing;
use crate::caller::Caller;
use crate::error::Error;
use crate::reply::Reply;
use crate::router::Visit;
use crate::routes::show_session::own_session;

/// 204: it is closed. 202: it could not be closed now, and will be.
pub(crate) async fn close_session(visit: &Visit<'_>, caller: &Caller, session_id: &str) -> Result<Reply, Error> {
    own_session(visit, caller, session_id).await?;
    let status = match visit.app.close_session(session_id, None, "closed_on_request").await? {
        Closing::Closed | Closing::NotNow => 204,
        Closing::Failed(_) => 202,
    };
    Ok(Reply::empty(status))
}
