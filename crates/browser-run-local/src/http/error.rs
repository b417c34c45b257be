//! How a call is refused: one error type, and the one place that turns it into an answer.

use axum::{
    Json,
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use browser_run_api::ErrorBody;

use crate::{
    chromium::devtools::DevToolsError,
    live_view::links::LinkError,
    recording::recordings::NoRrweb,
    session::{limits::OverLimit, registry::Gone, sessions::AcquireError, transfers::TransferError},
};

/// After how long it is worth asking for a browser again: "a few minutes".
const NO_BROWSER_SECONDS: u64 = 120;

/// An answer's extension: Chromium does not answer, perhaps because it is about to be gone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChromiumSilent;

/// What a caller is told instead of what they asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("Authentication failed")]
    Unauthorized,
    #[error("{0}")]
    BadRequest(String),
    #[error("{0}")]
    Forbidden(&'static str),
    #[error("No such path")]
    NoRoute,
    #[error("Method not allowed")]
    Method,
    #[error("WebSocket upgrade required")]
    WebSocketWanted,
    #[error(transparent)]
    Gone(#[from] Gone),
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    OverLimit(#[from] OverLimit),
    #[error("No browser available. Please try again in a few minutes.")]
    NoBrowser(#[source] AcquireError),
    #[error(transparent)]
    NoRrweb(NoRrweb),
    #[error(
        "No such recording: it is there when its session has ended, if that was recorded and took a second, for 30 days"
    )]
    NoRecording,
    #[error("The recording has no such target: its events' keys are the targets")]
    NoRecordedTarget,
    #[error(transparent)]
    Transfer(#[from] TransferError),
    #[error(transparent)]
    DevTools(#[from] DevToolsError),
    #[error("Chromium does not take the connection")]
    CdpProxy(#[source] Box<tokio_tungstenite::tungstenite::Error>),
}

impl Error {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized | Self::Link(_) => StatusCode::UNAUTHORIZED,
            Self::BadRequest(_) | Self::NoRrweb(_) | Self::Transfer(TransferError::Cut(_)) => StatusCode::BAD_REQUEST,
            Self::Transfer(TransferError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NoRoute
            | Self::NoRecording
            | Self::NoRecordedTarget
            | Self::Gone(Gone::Unknown)
            | Self::DevTools(DevToolsError::NoSuchTarget) => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::WebSocketWanted => StatusCode::UPGRADE_REQUIRED,
            Self::Gone(Gone::Ended(_)) => StatusCode::GONE,
            Self::OverLimit(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoBrowser(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::DevTools(_) | Self::CdpProxy(_) | Self::Transfer(TransferError::Disk(_)) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::OverLimit(limit) => Some(limit.retry_after_seconds()),
            Self::NoBrowser(_) => Some(NO_BROWSER_SECONDS),
            _ => None,
        }
    }

    fn body(&self) -> ErrorBody {
        match self {
            Self::Unauthorized => ErrorBody::authentication_failed(),
            Self::DevTools(error) if !matches!(error, DevToolsError::NoSuchTarget) => {
                ErrorBody::internal(error.to_string())
            }
            // Only 10000 and 2000 are documented: the others are numbered by their status.
            other => ErrorBody::new(other.status().as_u16().into(), other.to_string()),
        }
    }
}

impl From<AcquireError> for Error {
    fn from(error: AcquireError) -> Self {
        match error {
            AcquireError::OverLimit(limit) => Self::OverLimit(limit),
            AcquireError::NoRrweb(error) => Self::NoRrweb(error),
            AcquireError::Launch(_) | AcquireError::Record(_) => Self::NoBrowser(error),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(%status, error = chain(&self), "refused");
        } else {
            tracing::debug!(%status, error = chain(&self), "refused");
        }
        let mut response = (status, Json(self.body())).into_response();
        if matches!(self, Self::CdpProxy(_) | Self::DevTools(DevToolsError::Http(_))) {
            response.extensions_mut().insert(ChromiumSilent);
        }
        if let Some(seconds) = self.retry_after_seconds() {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// An error and what caused it, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
