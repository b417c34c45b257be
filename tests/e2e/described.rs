//! `openapi.json`, held against what the Worker really answers: every answer that a test gets passes here.

use std::sync::LazyLock;

use jsonschema::Validator;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use crate::{environment::rest, people::Answer};

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/openapi.json")).unwrap());

/// Fails when the document has another answer to this request, or none.
pub(crate) fn expect_described(method: &str, path: &str, answer: &Answer) {
    let id = answer.header("x-request-id");
    assert!(!id.is_empty(), "{method} {path} has no id: {answer:?}");
    if answer.status >= 400 {
        assert!(answer.body.is_empty() || answer.body.contains(id), "{method} {path} does not tell {id}: {answer:?}");
    }
    let Some(operation) = operation(method, path) else { return };
    if let Some(wrong) = undescribed(operation, answer) {
        panic!("{method} {path} answers other than openapi.json says: {wrong} in {answer:?}");
    }
}

/// What of an answer an operation's description does not have. Problems alone may be described for every status.
fn undescribed(operation: &Value, answer: &Answer) -> Option<String> {
    let status = answer.status.to_string();
    let described = match &operation["responses"][&status] {
        Value::Null if answer.status >= 400 => &operation["responses"]["default"],
        Value::Null => return Some(format!("no {status}")),
        response => response,
    };
    let media_type = answer.header("content-type").split(';').next().unwrap();
    let schema = &described["content"][media_type]["schema"];
    let headers = described["headers"].as_object().into_iter().flatten();
    let unknown = ["location", "content-location", "set-cookie"]
        .into_iter()
        .find(|name| answer.headers.contains_key(*name) && !headers.clone().any(|(described, _)| described == name));
    if let Some(name) = unknown {
        return Some(format!("no header {name} for {status}"));
    }
    match (answer.body.is_empty(), schema.is_null(), media_type) {
        (true, _, _) | (false, false, "text/html" | "text/plain") => None,
        (false, true, _) => Some(format!("no {media_type} for {status}")),
        (false, false, _) => {
            let body = serde_json::from_str(&answer.body).unwrap();
            let wrong: Vec<_> = validator(schema).iter_errors(&body).map(|error| error.to_string()).collect();
            (!wrong.is_empty()).then(|| format!("{wrong:?}"))
        }
    }
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

    let page = |status, media_type: &'static str| Answer {
        status,
        headers: [("content-type".parse().unwrap(), HeaderValue::from_static(media_type))].into_iter().collect(),
        body: "<h1>".to_owned(),
    };
    for (method, path, status, has_a_page) in [
        ("GET", "/", 200, true),
        ("GET", "/", 302, true),
        ("POST", "/", 303, true),
        ("GET", "/s/x", 200, true),
        ("GET", "/l/x", 302, true),
        ("POST", "/l/x", 303, true),
        ("GET", "/api/sessions", 404, true),
        ("GET", "/api/sessions", 200, false),
        ("GET", "/api/sessions", 302, false),
        ("GET", "/healthz", 200, false),
    ] {
        let wrong = undescribed(operation(method, path).unwrap(), &page(status, "text/html; charset=utf-8"));
        assert_eq!(wrong.is_none(), has_a_page, "{method} {path} {status}: {wrong:?}");
    }
}
