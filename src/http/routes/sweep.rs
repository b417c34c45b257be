//! `POST /api/sweep`: the cron job's work now, for operators. `GET /api/sweep`: what the last run did.

use super::{Caller, Error, Reply, RequestContext};
use crate::domain::SweepReport;
use crate::domain::click::parse_body;
use crate::ledger::LastReport;
use lean_json::FromJson;

/// What a run may be asked for. No body is the same as `{}`.
#[derive(Debug, Default, FromJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct SweepRequest {
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
}

pub(crate) async fn sweep(context: &RequestContext<'_>, caller: &Caller) -> Result<Reply, Error> {
    let body = context.request.text().await;
    let asked = if body.trim().is_empty() { SweepRequest::default() } else { parse_body(&body)? };
    if !asked.dry_run {
        context.expect_operator(caller)?;
    }
    let report = context.app.sweep(asked.dry_run).await?;
    context.app.log_sweep(&report, Some(&context.journal.request_id));
    show(context, caller, report)
}

/// 404 before the first run.
pub(crate) async fn last_sweep(context: &RequestContext<'_>, caller: &Caller) -> Result<Reply, Error> {
    let report = context.app.ledger.ask(&LastReport {}).await?;
    show(context, caller, report.ok_or_else(|| context.request.not_found())?)
}

/// To an operator all of it; to anybody else what is theirs.
fn show(context: &RequestContext<'_>, caller: &Caller, report: SweepReport) -> Result<Reply, Error> {
    let report = if context.is_operator(caller)? { report } else { report.for_caller(&caller.name) };
    Ok(Reply::json(200, &report))
}
