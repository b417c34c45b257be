//! `/s/{session}` and `/s/{session}/{target}`: the link to put into a bug report. It leads to DevTools on that tab for as
//! long as the session lives. Once it has ended, a `POST` opens the same page again, for whoever had opened it.
//!
//! Whoever may use this Worker may follow one: that is what it is passed on for. What page it was is told to others only
//! as far as its host.

use super::{Error, Reply, RequestContext, open, show_session::find};
use crate::domain::{AttributedClick, TargetId};
use crate::service::permalink::Lead;

/// Redirects to a link minted now; 410 when the session, or the tab, has ended. `POST` is a press of the button: of a
/// preview, which leads to the tab, or of the page that says that it has ended, which opens the same page again as a new
/// click.
pub(crate) async fn follow(
    context: &RequestContext<'_>, session_id: &str, target_id: Option<&str>,
) -> Result<Reply, Error> {
    let (caller, record) = (context.caller().await?, find(context, session_id).await?);
    let (app, session_id, target_id) = (&context.app, record.session_id.clone(), target_id.map(TargetId::from));
    let (status, is_press) = if context.request.method == "POST" { (303, true) } else { (302, false) };
    match app.follow(record, target_id.as_ref()).await? {
        Lead::Tab { target_id, link } => {
            let reply = open::redirect(status, &link, &session_id, &target_id);
            Ok(reply.with_server_timing(&app.browser_run.timings()))
        }
        Lead::Nowhere(record) if is_press && record.caller == caller.name => {
            open::answer(context, status, AttributedClick::new(caller, record.click_again(target_id.as_ref()))).await
        }
        Lead::Nowhere(_) if is_press => Err(Error::NotYours),
        Lead::Nowhere(record) => {
            let (url, is_own) = (record.page(target_id.as_ref()), record.caller == caller.name);
            Err(Error::Ended {
                page: if is_own { url.as_str() } else { url.host() }.to_owned(),
                is_own,
                ended_at_ms: record.ended_at_ms,
                reason: record.end_reason,
            })
        }
    }
}
