//! What handlers are given: checked values instead of text, or an [`Error`].

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Path, Query, Request,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::request::Parts,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use browser_run_api::{Target, number::whole};
use serde::{Deserialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{app::App, error::Error};
use crate::{
    cdp::proxy::READ_BUFFER,
    clock::Millis,
    live_view::links,
    recording::kept::Kept,
    session::{registry::Gone, sessions::OpenSession},
};

/// A query. Unknown parameters are none of our business.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Params<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Error> {
        let query = Query::try_from_uri(&parts.uri);
        query.map(|Query(params)| Self(params)).map_err(|error| Error::BadRequest(error.body_text()))
    }
}

/// A JSON body; an empty one is as good as `{}`, whatever content type it claims.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &Arc<App>) -> Result<Self, Error> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|error| Error::BadRequest(error.body_text()))?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Self(T::default()));
        }
        let value = serde_json::from_slice(&bytes);
        value.map(Self).map_err(|error| Error::BadRequest(format!("The body cannot be read: {error}")))
    }
}

#[derive(Deserialize)]
struct SessionPath {
    session_id: String,
}

/// The session of the path, which need not be open.
pub(crate) struct SessionId(pub(crate) Uuid);

impl FromRequestParts<Arc<App>> for SessionId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<App>) -> Result<Self, Error> {
        let path = Path::<SessionPath>::from_request_parts(parts, state).await.map_err(|_| Gone::Unknown)?;
        Ok(Self(path.session_id.parse().map_err(|_| Gone::Unknown)?))
    }
}

/// The session of the path is open, and this call has started its time anew.
impl FromRequestParts<Arc<App>> for OpenSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let SessionId(id) = SessionId::from_request_parts(parts, app).await?;
        Ok(app.sessions.open(id)?)
    }
}

/// The recording of the path's session, which has ended.
pub(crate) struct Recorded(pub(crate) Kept);

impl FromRequestParts<Arc<App>> for Recorded {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let SessionId(id) = SessionId::from_request_parts(parts, app).await.map_err(|_| Error::NoRecording)?;
        app.recordings.find(id).await.map(Self).ok_or(Error::NoRecording)
    }
}

/// The target of the path, which need not exist.
#[derive(Deserialize)]
pub(crate) struct TargetPath {
    pub(crate) target_id: String,
}

/// A target that Chromium has, and its session.
pub(crate) struct OpenTarget {
    pub(crate) session: OpenSession,
    pub(crate) target: Target,
}

impl FromRequestParts<Arc<App>> for OpenTarget {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let session = OpenSession::from_request_parts(parts, app).await?;
        let path = Path::<TargetPath>::from_request_parts(parts, app).await.map_err(|_| Error::NoRoute)?;
        let target = session.devtools.target(&path.target_id).await?;
        Ok(Self { session, target })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkParams {
    #[serde(default, deserialize_with = "whole")]
    live_view_url_expires_in_ms: Option<u64>,
}

/// How long the links in the answer are to last, if the query says so.
pub(crate) struct LinkLifetimeMs(pub(crate) Option<Millis>);

impl FromRequestParts<Arc<App>> for LinkLifetimeMs {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let Params(params) = Params::<LinkParams>::from_request_parts(parts, app).await?;
        let lifetime = links::lifetime_ms("liveViewUrlExpiresInMs", params.live_view_url_expires_in_ms);
        lifetime.map(Self).map_err(Error::BadRequest)
    }
}

/// The guardrails of a WebSocket, which has no body: base64url-encoded JSON in `cf-brapi-guardrails`.
///
/// With an acquisition they are the session's, else `{"mode": "readonly"}` makes the connection read-only. Source: the
/// official SDKs.
pub(crate) struct HeaderGuardrails<T>(pub(crate) Option<T>);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for HeaderGuardrails<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Error> {
        let Some(header) = parts.headers.get("cf-brapi-guardrails") else { return Ok(Self(None)) };
        let wrong = |why: &str| Error::BadRequest(format!("cf-brapi-guardrails {why}"));
        // Padded or not.
        let encoded = header.as_bytes().strip_suffix(b"==").or_else(|| header.as_bytes().strip_suffix(b"="));
        let json = BASE64_URL_SAFE_NO_PAD.decode(encoded.unwrap_or(header.as_bytes()));
        let json = json.map_err(|_| wrong("is not base64url"))?;
        let guardrails = serde_json::from_slice(&json);
        guardrails
            .map(|guardrails| Self(Some(guardrails)))
            .map_err(|error| wrong(&format!("holds no guardrails: {error}")))
    }
}

/// A client that wants a WebSocket. Messages may have any size: heap snapshots and screenshots have.
pub(crate) struct Socket(pub(crate) WebSocketUpgrade);

impl FromRequestParts<Arc<App>> for Socket {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, app).await;
        let upgrade = upgrade.map_err(|_: WebSocketUpgradeRejection| Error::WebSocketWanted)?;
        Ok(Self(upgrade.read_buffer_size(READ_BUFFER).max_message_size(usize::MAX).max_frame_size(usize::MAX)))
    }
}
