//! `GET /accounts`, `/memberships`, `/user`, `/user/tokens/verify`: what clients ask before they start.
//!
//! These are answered in Cloudflare's envelope, as every part of its API but Browser Run's is:
//! <https://developers.cloudflare.com/api/resources/accounts/methods/list/>. There is one account; calls to any other
//! id are answered all the same.

use axum::{Json, extract::Path};
use browser_run_api::number::whole;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::extract::Params;

/// 32 hexadecimal digits, as any account's.
const ACCOUNT: &str = "10ca110ca110ca110ca110ca110ca110";
const CREATED: &str = "2025-01-01T00:00:00.000000Z";

/// Clients that list ask for the next page until one is empty.
#[derive(Deserialize)]
pub(crate) struct Pagination {
    #[serde(default, deserialize_with = "whole")]
    page: Option<u64>,
}

pub(crate) async fn accounts(Params(pagination): Params<Pagination>) -> Json<Value> {
    list(&pagination, described(ACCOUNT))
}

pub(crate) async fn account(Path(id): Path<String>) -> Json<Value> {
    envelope(described(&id))
}

pub(crate) async fn memberships(Params(pagination): Params<Pagination>) -> Json<Value> {
    let account = described(ACCOUNT);
    list(&pagination, json!({"id": ACCOUNT, "status": "accepted", "api_access_enabled": true, "account": account}))
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

/// The one page with its one entry, or an empty one behind it.
fn list(pagination: &Pagination, entry: Value) -> Json<Value> {
    let page = pagination.page.unwrap_or(1);
    let result = if page <= 1 { vec![entry] } else { Vec::new() };
    let count = result.len();
    let Json(mut answer) = envelope(result.into());
    answer["result_info"] = json!({"page": page, "per_page": 20, "count": count, "total_count": 1, "total_pages": 1});
    Json(answer)
}
