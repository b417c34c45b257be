//! `openapi.json`, held against what the Worker really answers: every answer that a test gets passes here.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{environment::rest, people::Answer};

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../docs/openapi.json")).unwrap());

/// Fails when the document has another answer to this request, or none.
pub(crate) fn expect_described(method: &str, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else { return };
    let responses = &operation["responses"];
    let status = answer.status.to_string();
    let media_type = answer.header("content-type").split(';').next().unwrap();
    let described = match (&responses[&status], media_type) {
        (_, "text/html" | "text/plain") => return,
        (Value::Null, _) => &responses["default"],
        (response, _) => response,
    };
    let schema = &described["content"][media_type]["schema"];
    if schema.is_null() && described["content"].is_null() && answer.status < 400 {
        return;
    }
    assert!(!schema.is_null(), "openapi.json has no {status} {media_type} for {method} {path}: {answer:?}");
    let body = serde_json::from_str(&answer.body).unwrap();
    let wrong: Vec<_> = validator(schema).iter_errors(&body).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{method} {path} answers other than openapi.json says: {wrong:?} in {body}");
}

/// What the document says of a request; `None` where it says nothing, as of prefix links.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let (_, item) = paths.iter().find(|(template, _)| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(name, segment)| name.starts_with('{') || name == segment)
    })?;
    item.get(method.to_ascii_lowercase())
}

fn validator(schema: &Value) -> Validator {
    // The schemas refer to each other from the document's root.
    jsonschema::validator_for(&json!({ "components": DOCUMENT["components"], "allOf": [schema] })).unwrap()
}

#[tokio::test]
async fn the_document_is_served_and_what_it_does_not_say_is_noticed() {
    let worker = &rest().await.worker;
    let served: Value = worker.get("/openapi.json").send().await.unwrap().json().await.unwrap();
    assert_eq!(served, *DOCUMENT);
    let schema =
        &operation("POST", "/api/sessions").unwrap()["responses"]["201"]["content"]["application/json"]["schema"];
    assert!(!validator(schema).is_valid(&json!({ "session_id": "s" })), "a body without its fields is another");
}
