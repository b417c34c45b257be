//! `POST /api/sweep`: the cron job's work now. `GET /api/sweep`: what the last run did.

use crate::app::WorkerApp;
use crate::click::InvalidClick;
use crate::error::Error;
use crate::reply::Reply;
use crate::request::Request;
use serde::Deserialize;

/// What a run may be asked for. No body is the same as `{}`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SweepRequest {
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
}

pub(crate) async fn sweep(request: &Request, app: &WorkerApp) -> Result<Reply, Error> {
    let body = request.text().await;
    let asked = if body.trim().is_empty() {
        SweepRequest::default()
    } else {
        serde_json::from_str(&body).map_err(|error| InvalidClick::Body(error.to_string()))?
    };
    Ok(Reply::json(200, &app.sweep(asked.dry_run).await?))
}

/// 404 before the first run.
pub(crate) async fn last_sweep(request: &Request, app: &WorkerApp) -> Result<Reply, Error> {
    let not_found = || Error::NotFound { path: request.path().to_owned() };
    Ok(Reply::json(200, &app.ledger.last_report().await?.ok_or_else(not_found)?))
}
