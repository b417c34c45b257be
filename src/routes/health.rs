//! `GET /healthz`: whether the Worker is set up and its ledger answers. Browser Run is not asked: that costs calls.

use crate::error::Error;
use crate::reply::Reply;
use crate::router::Visit;
use serde_json::json;

pub(crate) async fn health(visit: &Visit<'_>) -> Result<Reply, Error> {
    visit.app.config.access()?;
    visit.app.ledger.last_report().await?;
    Ok(Reply::json(200, &json!({ "status": "ok" })))
}
