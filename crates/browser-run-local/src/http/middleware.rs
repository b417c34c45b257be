//! What every request has to pass: it is for this server, from this server's pages or no page, and by who may call it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{FromRequestParts as _, Request, State},
    http::{
        HeaderMap,
        header::{AUTHORIZATION, ORIGIN, UPGRADE},
    },
    middleware::Next,
    response::Response,
};

use crate::{
    authority::host,
    clock::millis,
    error::{Error, Silent},
    extract::SessionId,
    server::App,
};

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

/// Programs send no origin, browsers the one of the page.
fn has_own_origin(app: &App, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
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
pub(crate) async fn dying(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, Error> {
    let (mut parts, body) = request.into_parts();
    let id = SessionId::from_request_parts(&mut parts, &app).await;
    let response = next.run(Request::from_parts(parts, body)).await;
    if let (Ok(SessionId(id)), Some(Silent)) = (id, response.extensions().get()) {
        app.sessions.ending(id, NOTICED_WITHIN).await?;
    }
    Ok(response)
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
