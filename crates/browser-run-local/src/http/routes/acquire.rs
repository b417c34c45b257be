//! `POST /browser`: a new session.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::{Acquired, Guardrails, number::whole};
use serde::Deserialize;

use super::super::{
    app::App,
    authority::Base,
    error::Error,
    extract::{Body, LinkLifetimeMs, Params},
};
use crate::{
    clock::Millis,
    guardrails::policy::Policy,
    session::sessions::{self, OpenSession},
};

/// What `keep_alive` is when a caller does not say.
const DEFAULT_KEEP_ALIVE_MS: Millis = 60_000;
/// What it can be at most.
const MAX_KEEP_ALIVE_MS: Millis = 20 * 60_000;

/// The only `browser` that is here.
const CHROMIUM: &str = "chromium";

/// What an acquisition can be asked for. `lab` is accepted, and changes nothing here.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default, deserialize_with = "whole")]
    keep_alive: Option<Millis>,
    #[serde(default)]
    targets: bool,
    #[serde(default, rename = "lab")]
    _lab: bool,
    #[serde(default)]
    recording: bool,
    browser: Option<String>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Rules {
    guardrails: Option<Guardrails>,
}

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, Params(wanted): Params<Wanted>,
    LinkLifetimeMs(lifetime_ms): LinkLifetimeMs, Body(rules): Body<Rules>,
) -> Result<Json<Acquired>, Error> {
    let policy = Policy::new(&rules.guardrails.unwrap_or_default(), &app.domain_sets).map_err(Error::BadRequest)?;
    let session = acquire(&app, &wanted, policy).await?;
    let targets = if wanted.targets {
        let targets = session.devtools.targets().await?;
        let now_ms = app.clock.now();
        let linked = targets
            .into_iter()
            .map(|target| app.links.with_inspector(&base.host, session.id, target, lifetime_ms, now_ms));
        Some(linked.collect())
    } else {
        None
    };
    Ok(Json(Acquired {
        session_id: session.id.to_string(),
        web_socket_debugger_url: Some(base.browser_socket(session.id)),
        targets,
    }))
}

pub(super) async fn acquire(app: &App, wanted: &Wanted, policy: Option<Policy>) -> Result<OpenSession, Error> {
    let allowed = app.min_keep_alive_ms..=MAX_KEEP_ALIVE_MS;
    let keep_alive_ms = wanted.keep_alive.unwrap_or(DEFAULT_KEEP_ALIVE_MS);
    if !allowed.contains(&keep_alive_ms) {
        let (least, most) = allowed.into_inner();
        return Err(Error::BadRequest(format!("keep_alive must be from {least} to {most} milliseconds")));
    }
    if let Some(other) = wanted.browser.as_deref().filter(|browser| *browser != CHROMIUM) {
        return Err(Error::BadRequest(format!("browser must be {CHROMIUM}, the only one here: {other}")));
    }
    let (policy, recording) = (policy.map(Arc::new), wanted.recording);
    Ok(app.sessions.acquire(sessions::Wanted { keep_alive_ms, policy, recording }).await?)
}
