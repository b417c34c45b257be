//! Every route on one screen.

use crate::app::WorkerApp;
use crate::config::Config;
use crate::error::Error;
use crate::js;
use crate::reply::Reply;
use crate::request::Request;
use crate::routes::{
    close_session::close_session, health::health, list_sessions::list_sessions, open, open_session::open_session,
    permalink, show_session::show_session, sweep,
};
use serde_json::json;
use std::rc::Rc;
use worker::{Context, Env, console_error};

/// Answers a request. What goes wrong is logged once, here.
pub(crate) async fn route(request: &Request, env: &Env, context: &Context) -> Reply {
    match dispatch(request, env, context).await {
        Ok(reply) => reply,
        Err(error) => {
            let reply = error.reply(request.wants_html(), js::now_ms());
            if reply.status >= 500 {
                console_error!("{}", json!({ "status": reply.status, "error": error.to_string() }));
            }
            reply
        }
    }
}

async fn dispatch(request: &Request, env: &Env, context: &Context) -> Result<Reply, Error> {
    let app = &Rc::new(WorkerApp::new(Config::load(env)?, env)?);
    let segments: Vec<_> = request.path()[1..].split('/').collect();
    let allowed = match (segments.as_slice(), request.method.as_str()) {
        (["healthz"], "GET" | "HEAD") => return health(app).await,
        (["healthz"], _) => "GET, HEAD",
        (["api", "sessions"], "GET" | "HEAD") => return list_sessions(request, app).await,
        (["api", "sessions"], "POST") => return open_session(request, app, context).await,
        (["api", "sessions"], _) => "GET, HEAD, POST",
        (["api", "sessions", id], "GET" | "HEAD") => return show_session(request, app, id).await,
        (["api", "sessions", id], "DELETE") => return close_session(request, app, id).await,
        (["api", "sessions", _], _) => "GET, HEAD, DELETE",
        (["api", "sweep"], "GET" | "HEAD") => return sweep::last_sweep(request, app).await,
        (["api", "sweep"], "POST") => return sweep::sweep(request, app).await,
        (["api", "sweep"], _) => "GET, HEAD, POST",
        (["s", id], "GET" | "HEAD") => return permalink::follow(request, app, id, None).await,
        (["s", id], "POST") => return permalink::reopen(request, app, context, id, None).await,
        (["s", id, tab], "GET" | "HEAD") => return permalink::follow(request, app, id, Some(tab)).await,
        (["s", id, tab], "POST") => return permalink::reopen(request, app, context, id, Some(tab)).await,
        (["s", _] | ["s", _, _], _) => "GET, HEAD, POST",
        (_, method) => {
            let not_found = || Error::NotFound { path: request.path().to_owned() };
            let click = open::read(request, app).ok_or_else(not_found)?;
            match method {
                "GET" => return open::answer(302, &click?, request, app, context).await,
                "HEAD" => return click.map(|_| Reply::empty(200)).map_err(Error::from),
                _ => "GET, HEAD",
            }
        }
    };
    Err(Error::MethodNotAllowed { method: request.method.clone(), allowed })
}
