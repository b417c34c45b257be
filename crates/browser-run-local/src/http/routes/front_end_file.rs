//! `GET /ui/{version}/…`: a file of Chromium's front end. It is public, and never changes.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
};

use super::super::{app::App, error::Error};

pub(crate) async fn handle(
    State(app): State<Arc<App>>, Path((version, path)): Path<(String, String)>, headers: HeaderMap,
) -> Result<Response, Error> {
    let file = app.front_end.file(&app.sessions, &version, &path).await?;
    let tag = format!("\"{version}\"");
    let unchanged = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let caching = [(ETAG, tag), (CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned())];
    Ok(if unchanged {
        (StatusCode::NOT_MODIFIED, caching).into_response()
    } else {
        (caching, [(CONTENT_TYPE, file.content_type)], file.bytes).into_response()
    })
}
