//! Carries out faults: what is done to a call and its session, before an answer or instead of it.

use std::{io, sync::Mutex, time::Duration};

use axum::{
    Json,
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse as _, Response},
};
use browser_run_api::ErrorBody;
use futures_util::stream;
use serde_json::Value;
use uuid::Uuid;

use super::script::{Fault, Faults};
use crate::{
    clock::Clock,
    session::{lifecycle::CloseReason, sessions::Sessions},
};

/// How long a killed browser may take to be noticed.
const CRASH_NOTICED_WITHIN: Duration = Duration::from_secs(5);

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

/// Does what happens before the call is answered; `session` is the one of its path.
pub(crate) async fn prepare(fault: &Fault, clock: &Clock, sessions: &Sessions, session: Option<Uuid>) {
    clock.advance(Duration::from_millis(fault.advance_ms));
    if let Some(id) = session {
        // A session that has ended already has.
        if fault.crash && sessions.crash(id).is_ok() {
            let _ = sessions.wait_for_end_of(id, CRASH_NOTICED_WITHIN).await;
        }
        if fault.evict {
            let _ = sessions.end(id, CloseReason::SessionEvicted);
        }
    }
    tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
}

/// The answer instead of the handler's, if there is one.
pub(crate) fn answer(fault: &Fault) -> Option<Response> {
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
pub(crate) fn cut() -> Response {
    let broken = stream::iter([Err::<Bytes, _>(io::Error::other("cut on purpose"))]);
    Response::new(Body::from_stream(broken))
}
