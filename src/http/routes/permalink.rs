//! `/s/{session}` and `/s/{session}/{target}`: the link to put into a bug report. It leads to DevTools on that tab for as
//! long as the session lives. Once it has ended, a `POST` opens the same page again, for whoever had opened it.
//!
//! Whoever may use this Worker may follow one: that is what it is passed on for. What page it was is told to others only
//! as far as its host.

use super::{Error, Reply, RequestContext, open, show_session::find};
use crate::domain::{AttributedClick, Caller, Click, SessionRecord, TargetId, View};
use crate::http::journal::Outcome;
use crate::service::permalink::Lead;
use browser_run_api::LiveViewMode;

/// Redirects to a link minted now; 410 when the session, or the tab, has ended. `POST` is a press of the button: of a
/// preview, which leads to the tab, or of the page that says that it has ended, which opens the same page again as a new
/// click.
pub(crate) async fn follow(
    context: &RequestContext<'_>, session_id: &str, target_id: Option<&str>,
) -> Result<Reply, Error> {
    let (caller, record) = (context.caller().await?, find(context, session_id).await?);
    let (app, session_id, target_id) = (&context.app, record.session_id.clone(), target_id.map(TargetId::from));
    context.journal.page(record.page(target_id.as_ref()));
    let (status, is_press) = if context.request.method == "POST" { (303, true) } else { (302, false) };
    // The page alone, and nothing of it to be touched.
    let watch = View { mode: Some(LiveViewMode::Tab), readonly: true };
    let view = (context.request.query() == "watch").then_some(watch);
    match app.follow(record, target_id.as_ref(), view).await? {
        Lead::Tab { target_id, link } => {
            context.journal.outcome(Outcome::Followed);
            let reply = open::redirect(status, &link, &session_id, &target_id);
            Ok(reply.with_server_timing(&app.browser_run.timings()))
        }
        Lead::Nowhere(record) => {
            let click = click_again(&record, target_id.as_ref(), &caller, is_press)?;
            open::answer(context, status, AttributedClick::new(caller, click)).await
        }
    }
}

/// The click that a press of the button is, where there is nowhere to lead to.
///
/// # Errors
/// Where nobody has pressed it, and for whoever had not opened the page: they are told its host alone.
pub(crate) fn click_again(
    record: &SessionRecord, target_id: Option<&TargetId>, caller: &Caller, is_press: bool,
) -> Result<Click, Error> {
    let is_own = record.caller == caller.name;
    match (is_press, is_own) {
        (true, true) => Ok(record.click_again(target_id)),
        (true, false) => Err(Error::NotYours),
        (false, _) => {
            let url = record.page(target_id);
            Err(Error::Ended {
                page: if is_own { url.as_str() } else { url.host() }.to_owned(),
                is_own,
                ended_at_ms: record.ended_at_ms,
                reason: record.end_reason.clone(),
            })
        }
    }
}
