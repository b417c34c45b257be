//! `GET /ui/view` and `/ui/inspector`: where a link leads. To the page alone, or on to Chromium's front end.
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

use crate::{authority::host, links::View, notice::Notice, pages, server::App, visit::Visit};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Notice> {
    let visit = Visit::parse(query.as_deref().unwrap_or_default()).ok_or(Notice::Invalid)?;
    let (session, view) = visit.check(&app)?;
    let socket = visit.socket(host(&headers));
    let view = View { mode: visit.mode.unwrap_or(view.mode), ..view };
    Ok(match view.mode {
        LiveViewMode::Devtools => {
            let version = session.devtools.version_number();
            (super::NO_STORE, Redirect::temporary(&format!("/ui/{version}/inspector.html?ws={socket}"))).into_response()
        }
        LiveViewMode::Tab | LiveViewMode::Full => {
            (super::NO_STORE, pages::live_view(view, &visit.target, &socket)).into_response()
        }
    })
}
