//! Carries out faults: stands between every call of the API and its handler.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{FromRequestParts as _, OriginalUri, Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use browser_run_api::ErrorBody;
use futures_util::stream;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    extract::SessionId,
    faults::{Fault, Faults},
    life::CloseReason,
    server::App,
};

/// How long a killed browser may take to be missed.
const MISSED_WITHIN: Duration = Duration::from_secs(5);

/// The faults that wait for their calls.
#[derive(Debug, Default)]
pub(crate) struct Injected(Mutex<Faults>);

impl Injected {
    pub(crate) fn new(faults: Faults) -> Self {
        Self(Mutex::new(faults))
    }

    /// What is done with the faults.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Faults) -> T) -> T {
        act(&mut self.0.lock().expect("nobody panics while holding it"))
    }
}

pub(crate) async fn handle(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = OriginalUri::from_request_parts(&mut parts, &app).await.map(|OriginalUri(uri)| uri.path().to_owned());
    let path = path.unwrap_or_default();
    let below = path.split_once("/devtools").map_or("", |(_, below)| below);
    let Some(fault) = app.injected.with(|faults| faults.next(&parts.method, below)) else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    tracing::info!(method = %parts.method, path, "a fault is injected");
    let session = SessionId::from_request_parts(&mut parts, &app).await.ok().map(|SessionId(id)| id);
    prepare(&app, &fault, session).await;
    if let Some(answer) = answer(&fault) {
        return answer;
    }
    let answer = next.run(Request::from_parts(parts, body)).await;
    if fault.lost { cut() } else { answer }
}

/// What happens before the call is answered.
async fn prepare(app: &App, fault: &Fault, session: Option<Uuid>) {
    app.clock.advance(Duration::from_millis(fault.advance_ms));
    if let Some(id) = session {
        // A session that has ended already has.
        if fault.crash && app.sessions.crash(id).is_ok() {
            let _ = app.sessions.ending(id, MISSED_WITHIN).await;
        }
        if fault.evict {
            let _ = app.sessions.end(id, CloseReason::SessionEvicted);
        }
    }
    tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
}

/// The answer instead of the handler's, if there is one.
fn answer(fault: &Fault) -> Option<Response> {
    if fault.cut {
        return Some(cut());
    }
    if fault.malformed {
        return Some(Json(Value::Null).into_response().map(|_| Body::from(r#"{"sessionId": "1909cef7-23e8-4394-b"#)));
    }
    let status = StatusCode::from_u16(fault.status?).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match &fault.body {
        Some(Value::String(text)) => (status, text.clone()).into_response(),
        Some(value) => (status, Json(value)).into_response(),
        None => {
            let message = status.canonical_reason().unwrap_or("Injected");
            (status, Json(ErrorBody::new(status.as_u16().into(), message))).into_response()
        }
    };
    for (name, value) in &fault.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    Some(response)
}

/// Ends the connection without a byte: the body fails before the head has been sent.
fn cut() -> Response {
    let broken = stream::iter([Err::<Bytes, _>(io::Error::other("cut on purpose"))]);
    Response::new(Body::from_stream(broken))
}
