//! `/?url=…` and `/https://…`: one click, answered with a redirect to DevTools.

use crate::caller::Caller;
use crate::click::{Click, InvalidClick};
use crate::error::Error;
use crate::link::Link;
use crate::open::Opened;
use crate::page;
use crate::page_url::PageUrl;
use crate::reply::Reply;
use crate::router::Visit;
use crate::views::permalink;
use futures_channel::oneshot;
use std::{mem, rc::Rc};

/// `GET` is the click; `POST` is the same by the button of its preview. What is no click gets the preview.
pub(crate) async fn open(visit: &Visit<'_>) -> Result<Reply, Error> {
    let click = read(visit).ok_or_else(|| visit.request.not_found())?;
    match visit.request.method.as_str() {
        "GET" | "HEAD" if !visit.is_click() => preview(visit, Some(&click?.url)),
        "GET" => answer(visit, 302, &visit.caller().await?, &click?, None).await,
        "POST" => answer(visit, 303, &visit.caller().await?, &click?, None).await,
        method => Err(Error::MethodNotAllowed { method: method.to_owned(), allowed: "GET, HEAD, POST" }),
    }
}

/// Reads the click: the `?url=` form, which takes options, or the prefix form. `None` when the path is no URL.
fn read(visit: &Visit<'_>) -> Option<Result<Click, InvalidClick>> {
    let (request, default_keep_alive) = (visit.request, visit.app.config.keep_alive_seconds);
    match request.path() {
        "/" => Some(Click::from_query(request.query(), default_keep_alive)),
        _ => Click::from_path(&request.target[1..], default_keep_alive),
    }
}

/// What a link's preview shows: what it would open, and a button that does.
#[expect(clippy::unnecessary_wraps, reason = "routes answer this")]
pub(crate) fn preview(visit: &Visit<'_>, url: Option<&PageUrl>) -> Result<Reply, Error> {
    let link = format!("{}{}", visit.request.origin(), visit.request.target);
    // Without its referrer an older browser says nothing of where the button's POST comes from, and is refused.
    Ok(Reply::html(200, page::preview(url.map(PageUrl::as_str), &link)).with("referrer-policy", "same-origin"))
}

/// Opens what a click asks for and redirects there. `signed_link` is the link that allows it, if one does.
pub(crate) async fn answer(
    visit: &Visit<'_>,
    status: u16,
    caller: &Caller,
    click: &Click,
    signed_link: Option<&str>,
) -> Result<Reply, Error> {
    let opened = open_to_the_end(visit, caller, click, signed_link).await?;
    let reply = redirect(status, &opened.link, &opened.session_id, &opened.target_id);
    Ok(reply.with_server_timing(&visit.app.browser_run.timings()))
}

/// A redirect to a link, with the permalink beside it.
pub(crate) fn redirect(status: u16, link: &Link, session_id: &str, target_id: &str) -> Reply {
    Reply::html(status, page::redirect(link.as_str()))
        .with("location", link.as_str())
        .with("content-location", permalink(session_id, Some(target_id)))
}

/// Opens what a click asks for, to the end: who leaves before, to reload say, finds it when they come back. What is then
/// one too many, the page that a new session starts with say, is closed without delaying the answer.
/// <https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil>
pub(crate) async fn open_to_the_end(
    visit: &Visit<'_>,
    caller: &Caller,
    click: &Click,
    signed_link: Option<&str>,
) -> Result<Opened, Error> {
    let (tell, told) = oneshot::channel();
    let app = Rc::clone(&visit.app);
    let (caller, click, signed_link) = (caller.clone(), click.clone(), signed_link.map(str::to_owned));
    visit.context.wait_until(async move {
        let mut opened = app.open(&caller, &click, signed_link.as_deref()).await;
        let surplus = opened.as_mut().map(|opened| (opened.session_id.clone(), mem::take(&mut opened.surplus_tabs)));
        let (session_id, surplus_tabs) = surplus.unwrap_or_default();
        // Whoever asked may have left.
        let _ = tell.send(opened);
        for target_id in &surplus_tabs {
            // A tab that stays open costs nothing: its session is closed all the same.
            drop(app.browser_run.close_tab(&session_id, target_id).await);
        }
    });
    told.await.expect("the task above tells before it ends")
}
