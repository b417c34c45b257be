//! `/s/{session}` and `/s/{session}/{target}`: the link to put into a bug report. It leads to DevTools on that tab for as
//! long as the session lives. Once it has ended, it shows what was recorded, and a `POST` opens the same page again, for
//! whoever had opened it.
//!
//! Whoever may use this Worker may follow one: that is what it is passed on for. So may a browser that came by a signed link,
//! into the session that was recorded for it. What page it was is told to others only as far as its host.

use super::{Error, Reply, RequestContext, open, show_session::find};
use crate::domain::access::session_pass;
use crate::domain::{AttributedClick, Caller, Click, SessionRecord, State, TargetId, View};
use crate::http::journal::Outcome;
use crate::http::pages;
use crate::http::views::RecordedPaths;
use crate::js;
use crate::ledger::CheckLink;
use crate::service::permalink::Lead;
use browser_run_api::LiveViewMode;

/// Redirects to a link minted now; 410 when the session, or the tab, has ended. `POST` is a press of the button: of a
/// preview, which leads to the tab, or of the page that says that it has ended, which opens the same page again as a new
/// click.
pub(crate) async fn follow(
    context: &RequestContext<'_>, session_id: &str, target_id: Option<&str>,
) -> Result<Reply, Error> {
    let (caller, record) = visit(context, session_id).await?;
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
            let recorded = recorded(context, &record, target_id.as_ref());
            match click_again(&record, target_id.as_ref(), &caller, is_press, recorded) {
                Ok(click) => open::answer(context, status, AttributedClick::new(caller, click)).await,
                Err(error) => replay_or(context, error),
            }
        }
    }
}

/// Who follows a permalink, and into which session.
///
/// # Errors
/// For whoever may not use this Worker, and has no pass of that session's. A pass is worth nothing once its link is revoked.
pub(crate) async fn visit(context: &RequestContext<'_>, session_id: &str) -> Result<(Caller, SessionRecord), Error> {
    // A UUID is the same in upper case.
    let session_id = &*session_id.to_ascii_lowercase();
    let denied = match context.caller().await {
        Ok(caller) => return Ok((caller, find(context, session_id).await?)),
        Err(denied) => denied,
    };
    let (access, cookies) = (context.app.config.access()?, context.request.header("cookie").unwrap_or_default());
    if !session_pass::is_held(&cookies, session_id, &access.link_keys) {
        return Err(denied);
    }
    let record = find(context, session_id).await?;
    let link_id = record.signed_link_id.clone().ok_or(denied)?;
    let caller = Caller::unknown(format!("link {link_id}"), session_id);
    context.app.ledger.ask(&CheckLink { link_id }).await?;
    Ok((caller, record))
}

/// Where the API has what was recorded of a session that has ended, where there is something that it can read.
fn recorded(
    context: &RequestContext<'_>, record: &SessionRecord, target_id: Option<&TargetId>,
) -> Option<RecordedPaths> {
    if record.state == State::Open || !context.app.config.upstream.has_recordings() || !record.is_recorded(js::now_ms())
    {
        return None;
    }
    // A tab that was closed before has left the ledger: it may be in the recording all the same.
    let target_id = target_id.or_else(|| Some(&record.tab_or_latest(None)?.target_id))?;
    Some(RecordedPaths::new(&record.session_id, target_id))
}

/// The page with the recording, for a person where there is one.
fn replay_or(context: &RequestContext<'_>, error: Error) -> Result<Reply, Error> {
    let problem = context.journal.problem(&error, js::now_ms());
    if !context.request.wants_html() || problem.recording.is_none() {
        return Err(error);
    }
    Ok(Reply::html(410, pages::replay(&problem))
        .with("content-security-policy", pages::replay_policy(context.request.origin()))
        // Without its referrer an older browser says nothing of where the button's POST comes from, and is refused.
        .with("referrer-policy", "same-origin"))
}

/// The click that a press of the button is, where there is nowhere to lead to.
///
/// # Errors
/// Where nobody has pressed it, and for whoever had not opened the page: they are told its host alone.
pub(crate) fn click_again(
    record: &SessionRecord, target_id: Option<&TargetId>, caller: &Caller, is_press: bool,
    recorded: Option<RecordedPaths>,
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
                recorded,
            })
        }
    }
}
