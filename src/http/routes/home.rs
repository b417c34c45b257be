//! `GET /` for a person who names no page: the front door, and what belongs to it.

use super::{Caller, Error, Reply, RequestContext, close_session::close_session, open};
use crate::http::pages::{self, Home, Stranger};
use crate::js::{self, Timer};
use crate::ledger::{LastReport, ReadOverview};
use crate::service::look::Seen;
use futures_util::future::select;
use std::pin::pin;

/// So many sessions are shown: more than that are for the API.
const MOST_SHOWN: u64 = 20;
/// Home does not wait longer for what Browser Run says of them.
const LOOK_MS: u64 = 700;

/// The caller's home. Whoever may not be here is told what this is, and not who else is.
pub(crate) async fn home(context: &RequestContext<'_>) -> Result<Reply, Error> {
    match context.caller().await {
        Ok(caller) => of_caller(context, caller).await,
        Err(Error::Denied(_)) => of_stranger(context).await,
        Err(error) => Err(error),
    }
}

async fn of_caller(context: &RequestContext<'_>, caller: Caller) -> Result<Reply, Error> {
    let app = &context.app;
    let mut overview = app.ledger.ask(&ReadOverview { caller: caller.name, limit: MOST_SHOWN }).await?;
    let seen = Seen::default();
    // The page's script, which reads it again and again, keeps the titles that it has.
    let is_person = context.request.header("sec-fetch-dest").is_none_or(|destination| destination == "document");
    select(pin!(app.look(&overview.sessions, is_person, &seen)), Timer::new(LOOK_MS)).await;
    let (origin, config, now_ms) = (context.request.origin(), app.config, js::now_ms());
    let has_recordings = config.upstream.has_recordings();
    overview.recorded.retain(|session| has_recordings && session.is_recorded(now_ms));
    let page = pages::home(&Home { origin, overview, seen, config, now_ms });
    // Without a referrer an older browser says nothing of where a button's POST comes from, and is refused.
    Ok(Reply::html(200, page).with("referrer-policy", "same-origin"))
}

async fn of_stranger(context: &RequestContext<'_>) -> Result<Reply, Error> {
    let (config, ledger) = (context.app.config, &context.app.ledger);
    let stranger = Stranger {
        contact: config.contact.as_deref(),
        is_healthy: ledger.ask(&LastReport {}).await.is_ok(),
        can_sign_in: !config.access()?.tokens.is_empty(),
        recording: open::held_recording(context),
    };
    Ok(Reply::html(200, pages::stranger(&stranger)))
}

/// Leads home whoever may be here; a browser asks everybody else for their token.
pub(crate) async fn sign_in(context: &RequestContext<'_>) -> Result<Reply, Error> {
    context.caller().await?;
    Ok(to_home())
}

/// The button that closes one of the caller's sessions.
pub(crate) async fn close(context: &RequestContext<'_>, session_id: &str) -> Result<Reply, Error> {
    let caller = context.caller().await?;
    close_session(context, &caller, session_id).await?;
    Ok(to_home())
}

/// Tells a browser that it can debug URLs from its address bar:
/// <https://developer.mozilla.org/en-US/docs/Web/XML/Guides/OpenSearch>
pub(crate) fn open_search(context: &RequestContext<'_>) -> Reply {
    let origin = context.request.origin();
    let description = format!(
        "<?xml version=\"1.0\"?><OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\"><ShortName>debug\
         </ShortName><Description>Chrome DevTools on a page</Description><InputEncoding>UTF-8</InputEncoding>\
         <Url type=\"text/html\" template=\"{origin}/?url={{searchTerms}}\"/></OpenSearchDescription>"
    );
    Reply::text(200, "application/opensearchdescription+xml", description)
}

fn to_home() -> Reply {
    Reply::empty(303).with("location", "/")
}
