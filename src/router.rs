//! Every route on one screen.

use crate::app::WorkerApp;
use crate::config::Config;
use crate::error::Error;
use crate::js;
use crate::reply::Reply;
use crate::request::Request;
use crate::routes;
use std::rc::Rc;
use worker::{Context, Env};

/// Answers a request.
pub(crate) async fn route(request: &Request, env: &Env, context: &Context) -> Reply {
    match dispatch(request, env, context).await {
        Ok(reply) => reply,
        Err(error) => {
            let reply = error.reply(request.wants_html(), js::now_ms());
            if reply.status >= 500 {
                worker::console_error!("{}", serde_json::json!({ "status": reply.status, "error": error.to_string() }));
            }
            reply
        }
    }
}

async fn dispatch(request: &Request, env: &Env, context: &Context) -> Result<Reply, Error> {
    match (request.method.as_str(), request.path()) {
        ("GET", "/") => routes::open::by_query(request, &app(env)?, context).await,
        ("GET", _) => match routes::open::by_path(request, &app(env)?, context).await {
            Some(reply) => reply,
            None => Err(Error::NotFound { path: request.path().to_owned() }),
        },
        (method, _) => Err(Error::MethodNotAllowed { method: method.to_owned(), allowed: "GET" }),
    }
}

fn app(env: &Env) -> Result<Rc<WorkerApp>, Error> {
    Ok(Rc::new(WorkerApp::new(Config::load(env)?, env)?))
}
