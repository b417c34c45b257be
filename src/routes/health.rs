//! `GET /healthz`: whether the Worker is set up and its ledger answers. Browser Run is not asked: that costs calls.

use crate::app::WorkerApp;
use crate::error::Error;
use crate::reply::Reply;
use serde_json::json;

pub(crate) async fn health(app: &WorkerApp) -> Result<Reply, Error> {
    app.ledger.last_report().await?;
    Ok(Reply::json(200, &json!({ "status": "ok" })))
}
