//! `GET /browser` with a WebSocket upgrade: a new session, and CDP to its browser.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use browser_run_api::Guardrails;

use super::acquire::{Wanted, acquire};
use crate::{
    bridge,
    error::Error,
    extract::{HeaderGuardrails, Params, Socket},
    policy::Policy,
    server::App,
};

pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Params(wanted): Params<Wanted>,
    HeaderGuardrails(guardrails): HeaderGuardrails<Guardrails>,
    socket: Socket,
) -> Result<Response, Error> {
    let policy = Policy::new(&guardrails.unwrap_or_default(), &app.domain_sets).map_err(Error::BadRequest)?;
    let session = acquire(&app, &wanted, policy).await?;
    let url = session.devtools.browser_socket().to_owned();
    let gate = session.gate();
    bridge::connect(&app, socket, session, &url, gate).await
}
