//! `GET /session/{session_id}`: one session, or `null`. Looking at a session does not keep it alive.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::Session;

use super::super::{app::App, authority::Base, error::Error, extract::SessionId};
use super::live_view::first_page;
use crate::{
    live_view::links::{PageId, View},
    session::sessions::KnownSession,
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, id: Result<SessionId, Error>,
) -> Json<Option<Session>> {
    let known = id.ok().and_then(|SessionId(id)| app.sessions.get(id));
    Json(match known {
        Some(session) => Some(describe(&app, &base, session).await),
        None => None,
    })
}

/// A session as the API shows it: with links while it is open.
pub(super) async fn describe(app: &App, base: &Base, session: KnownSession) -> Session {
    let KnownSession { lifecycle, open } = session;
    let Some(session) = open else { return lifecycle.to_wire() };
    // A session without a page, or one that ends just now, is shown without a link.
    let page = first_page(&session).await.ok();
    let link = page.map(|page| {
        let page = PageId { session: session.id, target: &page.id };
        app.links.make(&base.host, page, View::default(), None, app.clock.now())
    });
    Session {
        devtools_frontend_url: link.map(|link| link.view(None)),
        web_socket_debugger_url: Some(base.browser_socket(session.id)),
        ..lifecycle.to_wire()
    }
}
