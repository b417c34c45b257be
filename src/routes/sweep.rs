//! `POST /api/sweep`: the cron job's work now. `GET /api/sweep`: what the last run did.

use crate::click::parse_body;
use crate::error::Error;
use crate::reply::Reply;
use crate::router::Visit;
use crate::sweep_cron::log;
use serde::Deserialize;

/// What a run may be asked for. No body is the same as `{}`.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct SweepRequest {
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
}

pub(crate) async fn sweep(visit: &Visit<'_>) -> Result<Reply, Error> {
    let body = visit.request.text().await;
    let asked = if body.trim().is_empty() { SweepRequest::default() } else { parse_body(&body)? };
    let report = visit.app.sweep(asked.dry_run).await?;
    log(&report);
    Ok(Reply::json(200, &report))
}

/// 404 before the first run.
pub(crate) async fn last_sweep(visit: &Visit<'_>) -> Result<Reply, Error> {
    let report = visit.app.ledger.last_report().await?;
    Ok(Reply::json(200, &report.ok_or_else(|| visit.request.not_found())?))
}
