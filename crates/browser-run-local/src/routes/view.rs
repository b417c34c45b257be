//! `GET /ui/view` and `/ui/inspector`: where a link leads. On to the front end, when the link is good.
//!
//! Over plain HTTP the front end wants `ws=` where the link says `wss=`. Its files have its version in their path, so
//! that browsers can keep them for good.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect},
};

use crate::{authority::host, notice::Notice, server::App, visit::Visit};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, Notice> {
    let visit = Visit::parse(query.as_deref().unwrap_or_default()).ok_or(Notice::Invalid)?;
    let session = visit.check(&app)?;
    let version = session.devtools.version_number();
    let socket = visit.socket(host(&headers));
    Ok((super::NO_STORE, Redirect::temporary(&format!("/ui/{version}/inspector.html?ws={socket}"))))
}
