//! What requests pass before their handler: they are for this server, from its own pages or no page, by who may call it;
//! they are logged, and meet the faults that wait for them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{FromRequestParts as _, OriginalUri, Request, State},
    http::{
        HeaderMap,
        header::{AUTHORIZATION, ORIGIN, UPGRADE},
    },
    middleware::Next,
    response::Response,
};

use super::{
    app::App,
    authority::host,
    error::{ChromiumSilent, Error},
    extract::SessionId,
};
use crate::{clock::millis, faults::inject};

/// The origin of `devtools://devtools/bundled/inspector.html`.
const BUNDLED_FRONT_END: &str = "devtools://devtools";

/// How long it may take to notice that a browser has ended.
const NOTICED_WITHIN: Duration = Duration::from_secs(2);

/// Refuses another host's name, so that no website can reach this server through a name of its own; refuses a
/// WebSocket that a website opens.
pub(crate) async fn own_host(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, Error> {
    let headers = request.headers();
    if !app.authorities.contains(host(headers)) {
        return Err(Error::Forbidden("The Host header is not one of this server: see --allow-host"));
    }
    if headers.contains_key(UPGRADE) && !has_own_origin(&app, headers) {
        return Err(Error::Forbidden("The Origin header is not one of this server: see --allow-host"));
    }
    Ok(next.run(request).await)
}

/// Programs send no origin, browsers the one of the page: this server's, or that of the front end in every Chromium, which
/// no website can have.
fn has_own_origin(app: &App, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    if origin == BUNDLED_FRONT_END {
        return true;
    }
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    authority.is_some_and(|(_, authority)| app.authorities.contains(authority))
}

/// Lets those through who know the token.
pub(crate) async fn token(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, Error> {
    let sent = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = sent.and_then(|sent| sent.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && app.token.matches(token.trim()) {
        Ok(next.run(request).await)
    } else {
        Err(Error::Unauthorized)
    }
}

/// Tells a browser that is gone from one that does not answer: its end may be noticed just after its silence.
pub(crate) async fn session_end(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, Error> {
    let (mut parts, body) = request.into_parts();
    let id = SessionId::from_request_parts(&mut parts, &app).await;
    let response = next.run(Request::from_parts(parts, body)).await;
    if let (Ok(SessionId(id)), Some(ChromiumSilent)) = (id, response.extensions().get()) {
        app.sessions.wait_for_end_of(id, NOTICED_WITHIN).await?;
    }
    Ok(response)
}

/// Carries out the fault that waits for this call, if there is one.
pub(crate) async fn faults(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = OriginalUri::from_request_parts(&mut parts, &app).await.map(|OriginalUri(uri)| uri.path().to_owned());
    let path = path.unwrap_or_default();
    let below = path.split_once("/devtools").map(|(_, below)| below);
    let below = below.or_else(|| path.find("/recording/").map(|start| &path[start..])).unwrap_or_default();
    let Some(fault) = app.injected.with(|faults| faults.next(&parts.method, below)) else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    tracing::info!(method = %parts.method, path, "a fault is injected");
    let session = SessionId::from_request_parts(&mut parts, &app).await.ok().map(|SessionId(id)| id);
    inject::prepare(&fault, &app.clock, &app.sessions, session).await;
    if let Some(answer) = inject::answer(&fault) {
        return answer;
    }
    let answer = next.run(Request::from_parts(parts, body)).await;
    if fault.lost { inject::cut() } else { answer }
}

/// One line a request. Its query may hold a credential: it stays out.
pub(crate) async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let start = Instant::now();
    let response = next.run(request).await;
    let (status, ms) = (response.status().as_u16(), millis(start.elapsed()));
    // The front end has hundreds of files.
    if path.starts_with("/ui/") {
        tracing::debug!(%method, path, status, ms, "request");
    } else {
        tracing::info!(%method, path, status, ms, "request");
    }
    response
}
