//! `GET /ui/view` and `/ui/inspector`: what a link leads to, the page alone or Chromium's front end.
//!
//! Over plain HTTP the front end wants `ws=` where the link says `wss=`. Its files have its version in their path, so
//! that browsers can keep them for good.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse as _, Redirect, Response},
};
use browser_run_api::LiveViewMode;

use super::super::{app::App, authority::host};
use crate::live_view::{
    assets,
    error_page::ErrorPage,
    links::View,
    viewer_query::{Viewed, ViewerQuery},
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>, headers: HeaderMap, RawQuery(query): RawQuery,
) -> Result<Response, ErrorPage> {
    let query = ViewerQuery::parse(query.as_deref().unwrap_or_default()).ok_or(ErrorPage::Invalid)?;
    let Viewed { session, view } = query.check(&app.links, &app.sessions, app.clock.now())?;
    let socket = query.socket(host(&headers));
    let view = View { mode: query.mode.unwrap_or(view.mode), ..view };
    Ok(match view.mode {
        LiveViewMode::Devtools => {
            let version = session.devtools.version_number();
            (assets::NO_STORE, Redirect::temporary(&format!("/ui/{version}/inspector.html?ws={socket}")))
                .into_response()
        }
        LiveViewMode::Tab | LiveViewMode::Full => {
            (assets::NO_STORE, assets::live_view_html(view, &query.target, &socket)).into_response()
        }
    })
}
