//! `/s/{session}` and `/s/{session}/{target}`: the link to put into a bug report. It leads to DevTools on that tab for as
//! long as the session lives. Once it has ended, a `POST` opens the same page again, for whoever had opened it.
//!
//! Whoever may use this Worker may follow one: that is what it is passed on for. What page it was is told to others only
//! as far as its host.

use super::{Caller, Error, Reply, RequestContext, open};
use crate::domain::sweep;
use crate::domain::{AttributedClick, Click, Ended, Options, SessionRecord, State, TabRecord, TargetId};
use crate::js::now_ms;
use crate::ledger::{FindSession, ForgetTab, RecordEndings, Touch};

/// Redirects to a link minted now; 410 when the session, or the tab, has ended.
pub(crate) async fn follow(
    context: &RequestContext<'_>, session_id: &str, target_id: Option<&str>,
) -> Result<Reply, Error> {
    let caller = context.caller().await?;
    let record = find(context, session_id).await?;
    lead(context, 302, &caller, &record, target_id).await
}

/// A press of the button: of a preview, which leads to the tab, or of the page that says that it has ended, which opens
/// the same page again as a new click.
pub(crate) async fn press(
    context: &RequestContext<'_>, session_id: &str, target_id: Option<&str>,
) -> Result<Reply, Error> {
    let caller = context.caller().await?;
    let record = find(context, session_id).await?;
    match lead(context, 303, &caller, &record, target_id).await {
        Err(Error::Ended { is_own: true, .. }) => {}
        Err(Error::Ended { .. }) => return Err(Error::NotYours),
        led => return led,
    }
    let tab = tab(&record, target_id);
    let click = Click {
        url: tab.map_or(&record.url, |tab| &tab.url).clone(),
        options: Options {
            keep_alive_seconds: record.keep_alive_seconds,
            recording: record.recording,
            view: tab.map(|tab| tab.view).unwrap_or_default(),
        },
        fresh: false,
    };
    open::answer(context, 303, AttributedClick::new(caller, click)).await
}

async fn lead(
    context: &RequestContext<'_>, status: u16, caller: &Caller, record: &SessionRecord, target_id: Option<&str>,
) -> Result<Reply, Error> {
    let (app, session_id) = (&context.app, &record.session_id);
    let Some(tab) = tab(record, target_id).filter(|_| record.state == State::Open) else {
        return Err(ended(caller, record, target_id));
    };
    match app.link(session_id, &tab.target_id, tab.view).await {
        Ok(link) => {
            app.ledger.ask(&Touch { session_id: session_id.clone(), target_id: tab.target_id.clone() }).await?;
            let reply = open::redirect(status, &link, session_id, &tab.target_id);
            Ok(reply.with_server_timing(&app.browser_run.timings()))
        }
        Err(error) if error.is_gone() => Err(vanished(context, caller, record, tab, target_id).await?),
        Err(error) => Err(error.into()),
    }
}

/// What became of a tab that is not there any more: either its session has ended, or the tab alone.
async fn vanished(
    context: &RequestContext<'_>, caller: &Caller, record: &SessionRecord, tab: &TabRecord, target_id: Option<&str>,
) -> Result<Error, Error> {
    let (app, session_id) = (&context.app, &record.session_id);
    let session = app.browser_run.session(session_id).await?;
    let Some(ending) = sweep::ending(session.as_ref()) else {
        app.ledger.ask(&ForgetTab { session_id: session_id.clone(), target_id: tab.target_id.clone() }).await?;
        return Ok(ended(caller, record, target_id));
    };
    let mut record = record.clone();
    record.end(&ending, now_ms());
    let told = Ended { session_id: session_id.clone(), ending };
    app.ledger.ask(&RecordEndings { ended: vec![told], ..RecordEndings::default() }).await?;
    Ok(ended(caller, &record, target_id))
}

async fn find(context: &RequestContext<'_>, session_id: &str) -> Result<SessionRecord, Error> {
    context
        .app
        .ledger
        .ask(&FindSession { session_id: session_id.into() })
        .await?
        .ok_or_else(|| context.request.not_found())
}

fn ended(caller: &Caller, record: &SessionRecord, target_id: Option<&str>) -> Error {
    let url = tab(record, target_id).map_or(&record.url, |tab| &tab.url);
    let is_own = record.caller == caller.name;
    Error::Ended {
        page: if is_own { url.as_str() } else { url.host() }.to_owned(),
        is_own,
        ended_at_ms: record.ended_at_ms,
        reason: record.end_reason.clone(),
    }
}

/// The tab that is asked for: the one clicked last where none is named.
fn tab<'a>(record: &'a SessionRecord, target_id: Option<&str>) -> Option<&'a TabRecord> {
    match target_id {
        Some(target_id) => record.tab(&TargetId::from(target_id)),
        None => record.tabs.iter().max_by_key(|tab| tab.clicked_at_ms),
    }
}
