//! Every route on one screen.

use super::context::RequestContext;
use super::error::Error;
use super::journal::Journal;
use super::reply::Reply;
use super::request::Request;
use super::request_id;
use super::routes::{
    self,
    close_session::close_session,
    follow_link::follow_link,
    health::health,
    home, links,
    list_sessions::list_sessions,
    metrics::metrics,
    open,
    open_session::open_session,
    permalink,
    recording::{har, recording},
    show_session::show_session,
    sweep,
};
use crate::config::Config;
use crate::domain::Caller;
use crate::domain::access::{is_same_origin, own_host};
use crate::js::{self, Context, Env};
use crate::service::WorkerApp;
use std::rc::Rc;

/// Answers a request. It is called by an id in the answer and in its one line in the log, which is where it says what went
/// wrong here.
pub(crate) async fn route(request: &Request, env: &Env, context: &Context) -> Reply {
    let id = request_id::of_cloudflare(request.header("cf-ray")).unwrap_or_else(js::random_uuid);
    let route = routes::pattern(request.path());
    let journal = Rc::new(Journal::new(id, request.method.clone(), route, js::now_ms()));
    if own_host::is_loopback(request.host()) {
        journal.is_operators();
    }
    let answer = dispatch(request, env, context, &journal).await;
    journal.conclude(answer, || request.wants_html(), js::now_ms())
}

async fn dispatch(request: &Request, env: &Env, context: &Context, journal: &Rc<Journal>) -> Result<Reply, Error> {
    let app = Rc::new(WorkerApp::new(Config::load(env)?, env)?);
    journal.calls(app.browser_run.calls());
    if app.config.log_urls {
        journal.log_urls();
    }
    let context = &RequestContext { request, app, journal: Rc::clone(journal), platform: context };
    let mut segments: Vec<_> = request.path()[1..].split('/').collect();
    // A slash at the end is what chats and people make of links.
    if let ["l" | "s", _, .., ""] = segments[..] {
        segments.pop();
    }
    let method = request.method.as_str();
    let changes = !matches!(method, "GET" | "HEAD");
    if changes && !is_same_origin(request.origin(), |name| request.header(name)) {
        return Err(Error::CrossOrigin);
    }
    match (segments.as_slice(), method) {
        (["healthz"], "GET" | "HEAD") => health(context).await,
        (["healthz"], _) => not_allowed(method, "GET, HEAD"),
        (["metrics"], "GET" | "HEAD") => metrics(context, &context.caller().await?).await,
        (["metrics"], _) => not_allowed(method, "GET, HEAD"),
        ([""], "GET" | "HEAD") if context.request.query().is_empty() && context.request.wants_html() => {
            home::home(context).await
        }
        (["opensearch.xml"], "GET" | "HEAD") => Ok(home::open_search(context)),
        (["sign-in"], "GET" | "HEAD") => home::sign_in(context).await,
        (["opensearch.xml"] | ["sign-in"], _) => not_allowed(method, "GET, HEAD"),
        (["links"], "GET" | "HEAD") => links::page(context).await,
        (["links"], "POST") => links::make_by_form(context).await,
        (["links"], _) => not_allowed(method, "GET, HEAD, POST"),
        (["links", id, "revoke"], "POST") => links::revoke_by_button(context, id).await,
        (["sessions", id, "close"], "POST") => home::close(context, id).await,
        (["sessions", _, "close"] | ["links", _, "revoke"], _) => not_allowed(method, "POST"),
        (["api", "sessions", id, "recording"], "GET" | "HEAD") => recording(context, id).await,
        (["api", "sessions", id, "tabs", tab, "har"], "GET" | "HEAD") => har(context, id, tab).await,
        (["api", rest @ ..], _) => api(context, rest, &context.caller().await?).await,
        (["l", token], "GET" | "HEAD" | "POST") => follow_link(context, token).await,
        (["s", ..], "GET" | "HEAD") if !context.is_click() => open::preview(context, None),
        (["s", session], "GET" | "POST") => permalink::follow(context, session, None).await,
        (["s", session, tab], "GET" | "POST") => permalink::follow(context, session, Some(tab)).await,
        (["l", _] | ["s", _] | ["s", _, _], _) => not_allowed(method, "GET, HEAD, POST"),
        _ => open::open(context).await,
    }
}

async fn api(context: &RequestContext<'_>, segments: &[&str], caller: &Caller) -> Result<Reply, Error> {
    let method = context.request.method.as_str();
    match (segments, method) {
        (["sessions"], "GET" | "HEAD") => list_sessions(context, caller).await,
        (["sessions"], "POST") => open_session(context, caller).await,
        (["sessions"], _) => not_allowed(method, "GET, HEAD, POST"),
        (["sessions", id], "GET" | "HEAD") => show_session(context, caller, id).await,
        (["sessions", id], "DELETE") => close_session(context, caller, id).await,
        (["sessions", _], _) => not_allowed(method, "GET, HEAD, DELETE"),
        (["sessions", _, "recording"] | ["sessions", _, "tabs", _, "har"], _) => not_allowed(method, "GET, HEAD"),
        (["links"], "GET" | "HEAD") => links::list(context, caller).await,
        (["links"], "POST") => links::make(context, caller).await,
        (["links"], _) => not_allowed(method, "GET, HEAD, POST"),
        (["links", id], "DELETE") => links::revoke(context, caller, id).await,
        (["links", _], _) => not_allowed(method, "DELETE"),
        (["sweep"], "GET" | "HEAD") => sweep::last_sweep(context, caller).await,
        (["sweep"], "POST") => sweep::sweep(context, caller).await,
        (["sweep"], _) => not_allowed(method, "GET, HEAD, POST"),
        _ => Err(context.request.not_found()),
    }
}

fn not_allowed(method: &str, allowed: &'static str) -> Result<Reply, Error> {
    Err(Error::MethodNotAllowed { method: method.to_owned(), allowed })
}
