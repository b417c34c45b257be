//! `GET /ui/{version}/inspector.html?ws=…`: the front end's page, for as long as the link is good.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State},
    http::header::CONTENT_TYPE,
    response::IntoResponse,
};

use crate::{notice::Notice, server::App, visit::Visit};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Path(version): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, Notice> {
    let visit = Visit::parse(query.as_deref().unwrap_or_default()).ok_or(Notice::Invalid)?;
    visit.check(&app)?;
    let page = app.front_end.file(&app.sessions, &version, "inspector.html").await.map_err(|_| Notice::Ended)?;
    Ok((super::NO_STORE, [(CONTENT_TYPE, page.content_type)], page.bytes))
}
