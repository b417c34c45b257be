//! The admin endpoints, on a port of their own and off by default: faults, crashes, evictions, the clock.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    app::App,
    error::Error,
    extract::{Body, SessionId},
    middleware, routes,
};
use crate::{faults::script::Faults, session::lifecycle::CloseReason};

/// Everything that the admin port answers, to bearers of the token.
pub(crate) fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/faults", get(faults).post(add_faults).delete(clear_faults))
        .route("/clock", post(advance))
        .route("/sessions/{session_id}/crash", post(crash))
        .route("/sessions/{session_id}/evict", post(evict))
        .route("/status", get(routes::status::handle))
        .fallback(async || Error::NoRoute)
        .method_not_allowed_fallback(async || Error::Method)
        .layer(from_fn_with_state(Arc::clone(app), middleware::token))
        .layer(from_fn_with_state(Arc::clone(app), middleware::own_host))
        .layer(from_fn(middleware::log))
        .with_state(Arc::clone(app))
}

/// How many calls are still going to be disturbed.
async fn faults(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({"left": app.injected.with(|faults| faults.left())}))
}

async fn add_faults(State(app): State<Arc<App>>, more: String) -> Result<StatusCode, Error> {
    let more: Faults =
        more.parse().map_err(|error| Error::BadRequest(format!("The faults cannot be read: {error}")))?;
    app.injected.with(|faults| faults.extend(more));
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(app): State<Arc<App>>) -> StatusCode {
    app.injected.with(|faults| *faults = Faults::default());
    StatusCode::NO_CONTENT
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

/// Puts the clock forward; the answer is the new time.
async fn advance(State(app): State<Arc<App>>, Body(by): Body<Advance>) -> Json<Value> {
    app.clock.advance(Duration::from_millis(by.advance_ms));
    Json(json!({"now": app.clock.now()}))
}

async fn crash(State(app): State<Arc<App>>, SessionId(id): SessionId) -> Result<StatusCode, Error> {
    app.sessions.crash(id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn evict(State(app): State<Arc<App>>, SessionId(id): SessionId) -> Result<StatusCode, Error> {
    app.sessions.end(id, CloseReason::SessionEvicted)?;
    Ok(StatusCode::NO_CONTENT)
}
