//! `POST /api/sweep`: the cron job's work now, for operators. `GET /api/sweep`: what the last run did.

use crate::caller::Caller;
use crate::click::parse_body;
use crate::error::Error;
use crate::reply::Reply;
use crate::router::Visit;
use crate::sweep::SweepReport;
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

pub(crate) async fn sweep(visit: &Visit<'_>, caller: &Caller) -> Result<Reply, Error> {
    let body = visit.request.text().await;
    let asked = if body.trim().is_empty() { SweepRequest::default() } else { parse_body(&body)? };
    if !asked.dry_run && !is_operator(visit, caller)? {
        return Err(Error::NotAnOperator { caller: caller.name.clone() });
    }
    let report = visit.app.sweep(asked.dry_run).await?;
    log(&report);
    show(visit, caller, report)
}

/// 404 before the first run.
pub(crate) async fn last_sweep(visit: &Visit<'_>, caller: &Caller) -> Result<Reply, Error> {
    let report = visit.app.ledger.last_report().await?;
    show(visit, caller, report.ok_or_else(|| visit.request.not_found())?)
}

/// To an operator all of it; to anybody else what is theirs.
fn show(visit: &Visit<'_>, caller: &Caller, report: SweepReport) -> Result<Reply, Error> {
    let report = if is_operator(visit, caller)? { report } else { report.for_caller(&caller.name) };
    Ok(Reply::json(200, &report))
}

fn is_operator(visit: &Visit<'_>, caller: &Caller) -> Result<bool, Error> {
    Ok(visit.app.config.access()?.operators.contains(&caller.name))
}
