//! `GET /browser` with a WebSocket upgrade: a new session, and CDP to its browser.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use browser_run_api::Guardrails;

use super::super::{
    app::App,
    authority::Base,
    cdp_socket::{self, Connecting},
    error::Error,
    extract::{HeaderGuardrails, Params, Socket},
};
use super::acquire::{Wanted, acquire};
use crate::guardrails::policy::Policy;

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, Params(wanted): Params<Wanted>,
    HeaderGuardrails(guardrails): HeaderGuardrails<Guardrails>, socket: Socket,
) -> Result<Response, Error> {
    let policy = Policy::new(&guardrails.unwrap_or_default(), &app.domain_sets).map_err(Error::BadRequest)?;
    let session = acquire(&app, &wanted, policy).await?;
    let filter = session.filter();
    cdp_socket::connect(&app, socket, Connecting { host: base.host, session, page: None, filter }).await
}
