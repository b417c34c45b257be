//! `GET /browser` with a WebSocket upgrade: a new session, and CDP to its browser.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use browser_run_api::Guardrails;

use super::super::{
    app::App,
    cdp_socket,
    error::Error,
    extract::{HeaderGuardrails, Params, Socket},
};
use super::acquire::{Wanted, acquire};
use crate::guardrails::policy::Policy;

pub(crate) async fn handle(
    State(app): State<Arc<App>>, Params(wanted): Params<Wanted>,
    HeaderGuardrails(guardrails): HeaderGuardrails<Guardrails>, socket: Socket,
) -> Result<Response, Error> {
    let policy = Policy::new(&guardrails.unwrap_or_default(), &app.domain_sets).map_err(Error::BadRequest)?;
    let session = acquire(&app, &wanted, policy).await?;
    let url = session.devtools.browser_socket().to_owned();
    let filter = session.filter();
    cdp_socket::connect(&app, socket, session, &url, filter).await
}
