//! `GET /api/sessions/{id}/recording`: what a tab of a session showed, as rrweb's events; `GET …/tabs/{tab}/har`: what it asked
//! the network for, as HAR. Both are passed on from Browser Run without secrets; `?raw` leaves headers and cookies in, for
//! the session's own caller.
//!
//! Whoever may follow a session's permalink may read them.

use super::permalink::visit;
use super::{Error, Reply, RequestContext};
use crate::browser_run::Recorded;
use crate::domain::TargetId;

pub(crate) async fn recording(context: &RequestContext<'_>, session_id: &str) -> Result<Reply, Error> {
    read(context, session_id, Recorded::Events).await
}

pub(crate) async fn har(context: &RequestContext<'_>, session_id: &str, target_id: &str) -> Result<Reply, Error> {
    // It goes into a query, and into a file's name.
    if target_id.is_empty() || !target_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(context.request.not_found());
    }
    let target_id = TargetId::from(target_id);
    let reply = read(context, session_id, Recorded::Har(&target_id)).await?;
    Ok(reply.with("content-disposition", format!("attachment; filename=\"{target_id}.har\"")))
}

async fn read(context: &RequestContext<'_>, session_id: &str, what: Recorded<'_>) -> Result<Reply, Error> {
    let (caller, record) = visit(context, session_id).await?;
    let is_raw = context.request.query() == "raw";
    if is_raw && record.caller != caller.name {
        return Err(Error::NotYours);
    }
    Ok(Reply::relayed(context.app.recorded(&record, what, is_raw).await??))
}
