//! `GET /metrics`: what was counted, for operators' Prometheus.

use super::{Caller, Error, Reply, RequestContext};
use crate::ledger::ReadMetrics;

/// <https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details>
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(crate) async fn metrics(context: &RequestContext<'_>, caller: &Caller) -> Result<Reply, Error> {
    context.expect_operator(caller)?;
    let text = context.app.ledger.ask(&ReadMetrics {}).await?;
    Ok(Reply::text(200, TEXT_FORMAT, text))
}
