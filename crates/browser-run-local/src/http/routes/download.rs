//! `GET /api/devtools/browser/{session_id}/page/{target_id}/downloads/{guid}?jwt=…`: what the session has downloaded.

use axum::{
    body::Body,
    extract::Path,
    http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::super::{error::Error, link_holder::Controller};
use crate::{
    live_view::assets::NO_STORE,
    session::{observed::Download, transfers},
};

#[derive(Deserialize)]
pub(crate) struct DownloadPath {
    guid: String,
}

pub(crate) async fn handle(
    Controller(holder): Controller, Path(DownloadPath { guid }): Path<DownloadPath>,
) -> Result<Response, Error> {
    let observed = holder.session.observer.observed();
    let download = observed.borrow().downloads.iter().find(|known| known.guid == guid).cloned();
    let Download { name, path: Some(path), .. } = download.ok_or(Error::NoRoute)? else { return Err(Error::NoRoute) };
    let file = transfers::read(&path).await.map_err(|_| Error::NoRoute)?;
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
