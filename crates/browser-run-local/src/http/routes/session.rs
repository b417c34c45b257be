//! `GET /session/{session_id}`: one session, or `null`. Looking at a session does not keep it alive.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::Session;

use super::live_view::first_page;
use crate::{
    authority::Base, error::Error, extract::SessionId, life::Life, links::View, server::App, sessions::OpenSession,
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    base: Base,
    id: Result<SessionId, Error>,
) -> Json<Option<Session>> {
    let known = id.ok().and_then(|SessionId(id)| app.sessions.get(id));
    Json(match known {
        Some((life, open)) => Some(describe(&app, &base, life, open).await),
        None => None,
    })
}

/// A session as the API shows it: with links while it is open.
pub(super) async fn describe(app: &App, base: &Base, life: Life, open: Option<OpenSession>) -> Session {
    let Some(session) = open else { return life.to_wire() };
    // A session without a page, or one that ends just now, is shown without a link.
    let page = first_page(&session).await.ok();
    let link = page.map(|page| app.links.make(base, (session.id, &page.id), View::default(), None, app.clock.now()));
    Session {
        devtools_frontend_url: link.map(|link| link.view(None)),
        web_socket_debugger_url: Some(base.browser_socket(session.id)),
        ..life.to_wire()
    }
}
