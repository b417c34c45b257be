//! `GET /healthz`: whether the Worker is set up and its ledger answers. Browser Run is not asked: that costs calls.

use super::{Error, Reply, RequestContext};
use crate::ledger::LastReport;
use lean_json::ToJson;

#[derive(ToJson)]
struct Health {
    status: &'static str,
}

pub(crate) async fn health(context: &RequestContext<'_>) -> Result<Reply, Error> {
    context.app.config.access()?;
    context.app.ledger.ask(&LastReport {}).await?;
    Ok(Reply::json(200, &Health { status: "ok" }))
}
