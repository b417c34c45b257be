//! `/?url=…` and `/https://…`: one click, answered with a redirect to DevTools.

use super::progress::{self, Told};
use super::{Error, Reply, RequestContext};
use crate::browser_run::Transport;
use crate::domain::access::session_pass;
use crate::domain::click::meant::meant;
use crate::domain::{AttributedClick, Click, DevtoolsLink, InvalidClick, SessionId, TargetId};
use crate::http::journal::{Journal, Outcome};
use crate::http::pages;
use crate::http::request::Request;
use crate::http::views::permalink;
use crate::ledger::LedgerTransport;
use crate::service::App;
use crate::service::open::{OpenError, Opened};
use futures_channel::oneshot;
use page_url::{PageUrl, query};
use std::{mem, rc::Rc};

/// `GET` is the click; `POST` is the same by the button of its preview. What is no click gets the preview.
pub(crate) async fn open(context: &RequestContext<'_>) -> Result<Reply, Error> {
    let click =
        read(context).ok_or_else(|| context.request.not_found())?.map_err(|invalid| guessed(context.request, invalid));
    match context.request.method.as_str() {
        "GET" | "HEAD" if !context.is_click() => preview(context, Some(&click?.url)),
        "GET" => answer(context, 302, AttributedClick::new(context.caller().await?, click?)).await,
        "POST" => answer(context, 303, AttributedClick::new(context.caller().await?, click?)).await,
        method => Err(Error::MethodNotAllowed { method: method.to_owned(), allowed: "GET, HEAD, POST" }),
    }
}

/// Reads the click: the `?url=` form, which takes options, or the prefix form. `None` when the path is no URL.
fn read(context: &RequestContext<'_>) -> Option<Result<Click, InvalidClick>> {
    let (request, defaults) = (context.request, context.app.config.defaults);
    match request.path() {
        "/" => Some(Click::from_query(request.query(), defaults)),
        _ => Click::from_path(&request.target[1..], defaults),
    }
}

/// An error with what may have been meant: another spelling, or a URL whose own query was not percent-encoded.
fn guessed(request: &Request, invalid: InvalidClick) -> Error {
    let text = match (&invalid, request.target.split_once("url=")) {
        (InvalidClick::Unknown { .. } | InvalidClick::Twice(_), Some((_, text))) => text,
        (InvalidClick::Url(_), Some((_, text))) => text.split('&').next().unwrap_or_default(),
        (InvalidClick::Url(_), None) => &request.target[1..],
        _ => "",
    };
    match query::decode(text).and_then(|text| meant(&text)) {
        Some(url) => Error::Meant(invalid, url),
        None => invalid.into(),
    }
}

/// What a link's preview shows: what it would open, and a button that does.
#[expect(clippy::unnecessary_wraps, reason = "routes answer this")]
pub(crate) fn preview(context: &RequestContext<'_>, url: Option<&PageUrl>) -> Result<Reply, Error> {
    context.journal.outcome(Outcome::Preview);
    let origin = context.request.origin();
    let link = format!("{origin}{}", context.request.target);
    let recording = held_recording(context);
    // Without its referrer an older browser says nothing of where the button's POST comes from, and is refused.
    Ok(Reply::html(200, pages::preview(url, origin, &link, recording.as_deref()))
        .with("referrer-policy", "same-origin"))
}

/// Where the recording of what a link has opened last in this browser is, or will be.
pub(super) fn held_recording(context: &RequestContext<'_>) -> Option<String> {
    let (config, cookies) = (&context.app.config, context.request.header("cookie")?);
    let access = config.access().ok().filter(|_| config.upstream.has_recordings())?;
    session_pass::last(&cookies, &access.link_keys).map(|session_id| permalink(&session_id.into(), None))
}

/// Opens what a click asks for and redirects there. A person for whom that takes a while is shown how far it is.
pub(crate) async fn answer(context: &RequestContext<'_>, status: u16, click: AttributedClick) -> Result<Reply, Error> {
    let host = click.click.url.host().to_owned();
    let told = begin(context, click);
    let opened = match progress::opened(context, &host, told, None).await {
        Ok(opened) => opened?,
        Err(page) => return Ok(page),
    };
    let reply = redirect(status, &opened.link, &opened.session_id, &opened.target_id);
    Ok(reply.with_server_timing(&context.app.browser_run.timings()))
}

/// A redirect to a link, with the permalink beside it.
pub(crate) fn redirect(status: u16, link: &DevtoolsLink, session_id: &SessionId, target_id: &TargetId) -> Reply {
    Reply::html(status, pages::redirect(link.as_str()))
        .with("location", link.as_str())
        .with("content-location", permalink(session_id, Some(target_id)))
}

/// Opens what a click asks for, to the end: who leaves before, to reload say, finds it when they come back. What is left to
/// do then is done without delaying the answer.
/// <https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil>
pub(super) fn begin(context: &RequestContext<'_>, click: AttributedClick) -> Told {
    let (tell, told) = oneshot::channel();
    let (app, journal) = (Rc::clone(&context.app), Rc::clone(&context.journal));
    context.platform.wait_until(async move {
        carry_out(&app, &journal, &click, |opened| {
            // Whoever asked may have left.
            let _ = tell.send(opened);
        })
        .await;
    });
    Told(told)
}

/// Opens what a click asks for, tells of it, and does what is left to do.
pub(crate) async fn carry_out<T: Transport, L: LedgerTransport>(
    app: &App<T, L>, journal: &Journal, click: &AttributedClick, tell: impl FnOnce(Result<Opened, OpenError>),
) {
    journal.page(&click.click.url);
    let mut opened = app.open(click).await;
    let left = opened.as_mut().map(|opened| {
        journal.opened(opened);
        (opened.session_id.clone(), mem::take(&mut opened.unfinished))
    });
    let left = left.ok();
    tell(opened);
    if let Some((session_id, unfinished)) = left
        && let Err(error) = app.finish(&session_id, unfinished).await
    {
        journal.could_not("its tab was not recorded", &error.log_detail());
    }
}
