//! Answers of Browser Run that something has gone wrong with on their way.

use super::account::JWT;
use super::script::BadCall;
use crate::browser_run::{Answer, Call};
use page_url::query;
use serde_json::{Value, json};

/// What a call that is done is answered with, once something has gone wrong with that.
pub(super) fn spoil(call: &Call, answer: Answer, bad: Option<BadCall>) -> Answer {
    let Ok(value) = serde_json::from_str::<Value>(&answer.body) else { return answer };
    let body = match bad {
        Some(BadCall::DoneAnd500) => {
            // What it says quotes what it was asked for.
            let asked = query::decode(&call.path).expect("we encode what we ask for");
            return Answer { status: 500, body: format!("upstream connect error at {asked}"), ..answer };
        }
        Some(BadCall::Html) => "<!doctype html><title>One moment</title>".to_owned(),
        Some(BadCall::Envelope) => json!({ "success": true, "errors": [], "result": value }).to_string(),
        Some(BadCall::Fields) => without_fields(call, value).to_string(),
        Some(BadCall::MoreFields) => with_more(value).to_string(),
        Some(BadCall::BareLink) => json!({ "success": true, "result": link_of(&value) }).to_string(),
        Some(BadCall::ForeignLink) => {
            answer.body.replace("https://live.browser.run/", "https://live.browser.run.evil.example/")
        }
        Some(BadCall::Gaps) => with_gaps(value).to_string(),
        _ => return answer,
    };
    Answer { body, ..answer }
}

fn without_fields(call: &Call, mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        let kept = if call.path.len().is_multiple_of(2) { "id" } else { "sessionId" };
        fields.retain(|name, _| name == kept);
    }
    value
}

fn with_more(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            fields.insert("type".to_owned(), json!(7));
            fields.insert("lastUpdated".to_owned(), json!("2026-11-24T00:00:00Z"));
            fields.insert("targets".to_owned(), json!([{}, 7, null]));
        }
        Value::Array(elements) => elements.extend([json!({}), json!(null), json!({ "sessionId": 7 })]),
        _ => {}
    }
    value
}

fn link_of(value: &Value) -> Value {
    let link = value.get("devtoolsFrontendUrl").cloned();
    link.unwrap_or_else(|| json!(format!("https://live.browser.run/ui/view?{JWT}.bare")))
}

fn with_gaps(value: Value) -> Value {
    let Value::Array(elements) = value else { return value };
    elements.into_iter().enumerate().filter(|(index, _)| index % 2 == 1).map(|(_, element)| element).collect()
}
