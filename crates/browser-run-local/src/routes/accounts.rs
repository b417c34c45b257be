//! `GET /accounts`, `/memberships`, `/user`, `/user/tokens/verify`: what clients ask before they start.
//!
//! These are answered in Cloudflare's envelope, as every part of its API but Browser Run's is:
//! <https://developers.cloudflare.com/api/resources/accounts/methods/list/>. There is one account; calls to any other
//! id are answered all the same.

use axum::{Json, extract::Path};
use serde_json::{Value, json};

/// 32 hexadecimal digits, as any account's.
const ACCOUNT: &str = "10ca110ca110ca110ca110ca110ca110";
const CREATED: &str = "2025-01-01T00:00:00.000000Z";

pub(crate) async fn accounts() -> Json<Value> {
    list(json!([described(ACCOUNT)]))
}

pub(crate) async fn account(Path(id): Path<String>) -> Json<Value> {
    envelope(described(&id))
}

pub(crate) async fn memberships() -> Json<Value> {
    let account = described(ACCOUNT);
    list(json!([{"id": ACCOUNT, "status": "accepted", "api_access_enabled": true, "account": account}]))
}

pub(crate) async fn user() -> Json<Value> {
    envelope(json!({"id": ACCOUNT, "email": "you@localhost"}))
}

pub(crate) async fn verify() -> Json<Value> {
    envelope(json!({"id": ACCOUNT, "status": "active"}))
}

fn described(id: &str) -> Value {
    json!({"id": id, "name": "browser-run-local", "type": "standard", "created_on": CREATED})
}

fn envelope(result: Value) -> Json<Value> {
    Json(json!({"success": true, "errors": [], "messages": [], "result": result}))
}

/// With its one page.
fn list(result: Value) -> Json<Value> {
    let page = json!({"page": 1, "per_page": 20, "count": 1, "total_count": 1, "total_pages": 1});
    let Json(mut answer) = envelope(result);
    answer["result_info"] = page;
    Json(answer)
}
