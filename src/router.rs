//! Every route on one screen.

use crate::access::{identify, is_same_origin};
use crate::app::WorkerApp;
use crate::caller::Caller;
use crate::config::Config;
use crate::error::Error;
use crate::js;
use crate::openapi;
use crate::preview;
use crate::reply::Reply;
use crate::request::Request;
use crate::routes::{
    close_session::close_session, follow_link::follow_link, health::health, links, list_sessions::list_sessions, open,
    open_session::open_session, permalink, show_session::show_session, sweep,
};
use serde_json::json;
use std::rc::Rc;
use worker::{Context, Env, console_error};

/// A request and everything it is answered with.
pub(crate) struct Visit<'a> {
    pub(crate) request: &'a Request,
    pub(crate) app: Rc<WorkerApp>,
    pub(crate) context: &'a Context,
}

/// Answers a request. What goes wrong is logged once, here. `/healthz` is everybody's: what it is that goes wrong there is
/// only logged.
pub(crate) async fn route(request: &Request, env: &Env, context: &Context) -> Reply {
    match dispatch(request, env, context).await {
        Ok(reply) => reply,
        Err(error) => {
            let reply = error.reply(request.wants_html(), js::now_ms());
            if reply.status >= 500 {
                console_error!("{}", json!({ "status": reply.status, "error": error.log_detail() }));
                if request.path() == "/healthz" {
                    return Error::NotReady.reply(request.wants_html(), js::now_ms());
                }
            }
            reply
        }
    }
}

async fn dispatch(request: &Request, env: &Env, context: &Context) -> Result<Reply, Error> {
    let visit = &Visit { request, app: Rc::new(WorkerApp::new(Config::load(env)?, env)?), context };
    let segments: Vec<_> = request.path()[1..].split('/').collect();
    let method = request.method.as_str();
    let changes = !matches!(method, "GET" | "HEAD");
    if changes && !is_same_origin(request.origin(), |name| request.header(name)) {
        return Err(Error::CrossOrigin);
    }
    match (segments.as_slice(), method) {
        (["healthz"], "GET" | "HEAD") => health(visit).await,
        (["healthz"], _) => not_allowed(method, "GET, HEAD"),
        (["openapi.json"], "GET" | "HEAD") => Ok(Reply::json_text(200, openapi::DOCUMENT)),
        (["openapi.json"], _) => not_allowed(method, "GET, HEAD"),
        (["api", rest @ ..], _) => api(visit, rest, &visit.caller().await?).await,
        (["l", token], "GET" | "HEAD" | "POST") => follow_link(visit, token).await,
        (["s", ..], "GET" | "HEAD") if !visit.is_click() => open::preview(visit, None),
        (["s", session], "GET") => permalink::follow(visit, session, None).await,
        (["s", session, tab], "GET") => permalink::follow(visit, session, Some(tab)).await,
        (["s", session], "POST") => permalink::press(visit, session, None).await,
        (["s", session, tab], "POST") => permalink::press(visit, session, Some(tab)).await,
        (["l", _] | ["s", _] | ["s", _, _], _) => not_allowed(method, "GET, HEAD, POST"),
        _ => open::open(visit).await,
    }
}

async fn api(visit: &Visit<'_>, segments: &[&str], caller: &Caller) -> Result<Reply, Error> {
    let method = visit.request.method.as_str();
    match (segments, method) {
        (["sessions"], "GET" | "HEAD") => list_sessions(visit, caller).await,
        (["sessions"], "POST") => open_session(visit, caller).await,
        (["sessions"], _) => not_allowed(method, "GET, HEAD, POST"),
        (["sessions", id], "GET" | "HEAD") => show_session(visit, caller, id).await,
        (["sessions", id], "DELETE") => close_session(visit, caller, id).await,
        (["sessions", _], _) => not_allowed(method, "GET, HEAD, DELETE"),
        (["links"], "GET" | "HEAD") => links::list(visit, caller).await,
        (["links"], "POST") => links::make(visit, caller).await,
        (["links"], _) => not_allowed(method, "GET, HEAD, POST"),
        (["links", id], "DELETE") => links::revoke(visit, caller, id).await,
        (["links", _], _) => not_allowed(method, "DELETE"),
        (["sweep"], "GET" | "HEAD") => sweep::last_sweep(visit, caller).await,
        (["sweep"], "POST") => sweep::sweep(visit, caller).await,
        (["sweep"], _) => not_allowed(method, "GET, HEAD, POST"),
        _ => Err(visit.request.not_found()),
    }
}

fn not_allowed(method: &str, allowed: &'static str) -> Result<Reply, Error> {
    Err(Error::MethodNotAllowed { method: method.to_owned(), allowed })
}

impl Visit<'_> {
    /// Who it is, if they may be here.
    pub(crate) async fn caller(&self) -> Result<Caller, Error> {
        Ok(identify(self.app.config.access()?, self).await?)
    }

    /// Whether a person, or a program that knows what it does, asked for this.
    pub(crate) fn is_click(&self) -> bool {
        let request = self.request;
        preview::is_click(&request.method, request.has_fetch_metadata(), |name| request.header(name))
    }
}
