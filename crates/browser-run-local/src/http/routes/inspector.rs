//! `GET /ui/{version}/inspector.html?ws=…`: the front end's page, for as long as the link is good.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State},
    http::header::CONTENT_TYPE,
    response::IntoResponse,
};

use crate::{notice::Notice, pages, server::App, visit::Visit};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Path(version): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, Notice> {
    let visit = Visit::parse(query.as_deref().unwrap_or_default()).ok_or(Notice::Invalid)?;
    let (_, view) = visit.check(&app)?;
    let page = app.front_end.file(&app.sessions, &version, "inspector.html").await.map_err(|_| Notice::Ended)?;
    let page = if view.read_only { pages::marked_read_only(&page.bytes) } else { page.bytes };
    Ok((super::NO_STORE, [(CONTENT_TYPE, pages::HTML)], page))
}
