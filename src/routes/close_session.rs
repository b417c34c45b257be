//! `DELETE /api/sessions/{id}`: closes a session of ours. One that is closed already is a success.

use crate::app::{Closing, WorkerApp};
use crate::error::Error;
use crate::reply::Reply;
use crate::request::Request;

/// 204: it is closed. 202: it could not be closed now, and will be.
pub(crate) async fn close_session(request: &Request, app: &WorkerApp, session_id: &str) -> Result<Reply, Error> {
    if app.ledger.find(session_id).await?.is_none() {
        return Err(Error::NotFound { path: request.path().to_owned() });
    }
    let status = match app.close_session(session_id, None, "closed_on_request").await? {
        Closing::Closed | Closing::NotNow => 204,
        Closing::Failed(_) => 202,
    };
    Ok(Reply::empty(status))
}
