//! `/s/{session}` and `/s/{session}/{target}`: the link to put into a bug report. It leads to DevTools on that tab for as
//! long as the session lives. Once it has ended, a `POST` opens the same page again, for whoever had opened it.
//!
//! Whoever may use this Worker may follow one: that is what it is passed on for. What page it was is told to others only
//! as far as its host.

use crate::caller::Caller;
use crate::click::{Click, Options};
use crate::error::Error;
use crate::js::now_ms;
use crate::ledger::{SessionRecord, State, TabRecord};
use crate::reply::Reply;
use crate::router::Visit;
use crate::routes::open;
use crate::sweep::{self, Ending};

/// Redirects to a link minted now; 410 when the session, or the tab, has ended.
pub(crate) async fn follow(visit: &Visit<'_>, session_id: &str, target_id: Option<&str>) -> Result<Reply, Error> {
    let caller = visit.caller().await?;
    let record = find(visit, session_id).await?;
    lead(visit, 302, &caller, &record, target_id).await
}

/// A press of the button: of a preview, which leads to the tab, or of the page that says that it has ended, which opens
/// the same page again as a new click.
pub(crate) async fn press(visit: &Visit<'_>, session_id: &str, target_id: Option<&str>) -> Result<Reply, Error> {
    let caller = visit.caller().await?;
    let record = find(visit, session_id).await?;
    match lead(visit, 303, &caller, &record, target_id).await {
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
    open::answer(visit, 303, &caller, &click, None).await
}

async fn lead(
    visit: &Visit<'_>,
    status: u16,
    caller: &Caller,
    record: &SessionRecord,
    target_id: Option<&str>,
) -> Result<Reply, Error> {
    let (app, session_id) = (&visit.app, &record.session_id);
    let Some(tab) = tab(record, target_id).filter(|_| record.state == State::Open) else {
        return Err(ended(caller, record, target_id));
    };
    match app.link(session_id, &tab.target_id, tab.view).await {
        Ok(link) => {
            app.ledger.touch(session_id, Some(&tab.target_id)).await?;
            let reply = open::redirect(status, &link, session_id, &tab.target_id);
            Ok(reply.with_server_timing(&app.browser_run.timings()))
        }
        Err(error) if error.is_gone() => Err(vanished(visit, caller, record, tab, target_id).await?),
        Err(error) => Err(error),
    }
}

/// What became of a tab that is not there any more: either its session has ended, or the tab alone.
async fn vanished(
    visit: &Visit<'_>,
    caller: &Caller,
    record: &SessionRecord,
    tab: &TabRecord,
    target_id: Option<&str>,
) -> Result<Error, Error> {
    let (app, session_id) = (&visit.app, &record.session_id);
    let session = app.browser_run.session(session_id).await?;
    let Some(Ending { reason, lived_ms }) = sweep::ending(session.as_ref()) else {
        app.ledger.tab_gone(session_id, &tab.target_id).await?;
        return Ok(ended(caller, record, target_id));
    };
    app.ledger.ended(session_id, &reason, lived_ms).await?;
    let mut record = record.clone();
    record.end(&reason, record.ended_at_ms(lived_ms, now_ms()));
    Ok(ended(caller, &record, target_id))
}

async fn find(visit: &Visit<'_>, session_id: &str) -> Result<SessionRecord, Error> {
    visit.app.ledger.find(session_id).await?.ok_or_else(|| visit.request.not_found())
}

fn ended(caller: &Caller, record: &SessionRecord, target_id: Option<&str>) -> Error {
    let url = tab(record, target_id).map_or(&record.url, |tab| &tab.url);
    let is_own = record.caller == caller.name;
    Error::Ended {
        page: if is_own { url.as_str() } else { url.host() }.to_owned(),
        is_own,
        ended_at_ms: record.ended_at_ms,
        reason: record.end_reason.clone().unwrap_or_else(|| "tab_closed".to_owned()),
    }
}

/// The tab that is asked for: the one clicked last where none is named.
fn tab<'a>(record: &'a SessionRecord, target_id: Option<&str>) -> Option<&'a TabRecord> {
    match target_id {
        Some(target_id) => record.tabs.iter().find(|tab| tab.target_id == target_id),
        None => record.tabs.iter().max_by_key(|tab| tab.clicked_at_ms),
    }
}
