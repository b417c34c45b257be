//! `GET /api/devtools/browser/{session_id}/page/{target_id}/downloads/{guid}?jwt=…`: what a page of the session has downloaded.

use axum::{
    body::Body,
    extract::Path,
    http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::super::{error::Error, link_holder::Controller};
use crate::live_view::assets::NO_STORE;

#[derive(Deserialize)]
pub(crate) struct DownloadPath {
    guid: String,
}

pub(crate) async fn handle(
    Controller(holder): Controller,
    Path(DownloadPath { guid }): Path<DownloadPath>,
) -> Result<Response, Error> {
    let observed = holder.session.observer.observed();
    let name = observed
        .borrow()
        .downloads
        .iter()
        .find(|known| known.guid == guid && known.is_complete())
        .map(|known| known.name.clone());
    let name = name.ok_or(Error::NoRoute)?;
    let file = holder.session.transfers.download(&guid).await.map_err(|_| Error::NoRoute)?;
    Ok(attachment(&name, file))
}

/// A file to keep: whatever it holds, it is no page of ours.
fn attachment(name: &str, file: Body) -> Response {
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
        (CONTENT_SECURITY_POLICY, "sandbox".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (NO_STORE, headers, file).into_response()
}
