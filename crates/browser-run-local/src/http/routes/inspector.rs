//! `GET /ui/{version}/inspector.html?ws=…`: the front end's HTML, for as long as the link is good.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State},
    http::header::CONTENT_TYPE,
    response::IntoResponse,
};

use super::super::app::App;
use crate::live_view::{
    assets,
    error_page::ErrorPage,
    viewer_query::{Viewed, ViewerQuery},
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>, Path(version): Path<String>, RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, ErrorPage> {
    let query = ViewerQuery::parse(query.as_deref().unwrap_or_default()).ok_or(ErrorPage::Invalid)?;
    let Viewed { view, .. } = query.check(&app.links, &app.sessions, app.clock.now())?;
    let html = app.front_end.file(&app.sessions, &version, "inspector.html").await.map_err(|_| ErrorPage::Ended)?;
    let html = assets::inspector_html(&html.bytes, view.read_only);
    Ok((assets::NO_STORE, [(CONTENT_TYPE, assets::HTML_TYPE)], html))
}
