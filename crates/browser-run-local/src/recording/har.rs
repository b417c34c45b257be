//! Requests as HTTP Archive (HAR) 1.2, pure: <https://w3c.github.io/web-performance/specs/HAR/Overview.html>.
//!
//! What the format does not have begins with an underscore, and is named as Chromium's own front end names it. Cookies are
//! in the headers only, so that whoever takes secrets out has one place to look at.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::exchange::{Exchange, Request, Response, header};

/// A document of the page's own, with what it loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Page {
    pub(super) id: String,
    /// Milliseconds since 1970.
    pub(super) start_time: f64,
    pub(super) url: String,
}

/// What comes before the entries.
pub(super) fn head(browser: &str, pages: &[Page]) -> String {
    let (name, version) = browser.split_once('/').unwrap_or((browser, ""));
    let creator = json!({"name": "browser-run-local", "version": env!("CARGO_PKG_VERSION")});
    let pages: Vec<_> = pages.iter().map(page).collect();
    format!(
        r#"{{"log":{{"version":"1.2","creator":{creator},"browser":{},"pages":{},"entries":["#,
        json!({"name": name, "version": version}),
        Value::from(pages)
    )
}

/// What comes behind them.
pub(super) const FOOT: &str = "]}}";

fn page(page: &Page) -> Value {
    json!({"id": page.id, "startedDateTime": started(page.start_time), "title": page.url, "pageTimings": {}})
}

/// One of the entries.
pub(super) fn entry(exchange: &Exchange) -> Value {
    let Exchange { timing, .. } = exchange;
    let mut entry = json!({
        "startedDateTime": started(exchange.start_time),
        "time": timing.total(),
        "request": request(exchange),
        "response": response(exchange),
        "cache": {},
        "timings": timing,
        "_resourceType": exchange.resource_type.to_lowercase(),
        "_priority": exchange.priority,
        "_initiator": exchange.initiator,
    });
    if let Some(page) = &exchange.page_id {
        entry["pageref"] = page.as_str().into();
    }
    let address = exchange.response.as_ref().and_then(|response| response.remote_address.as_deref());
    if let Some((address, port)) = address.and_then(|address| address.rsplit_once(':')) {
        entry["serverIPAddress"] = address.trim_matches(['[', ']']).into();
        entry["connection"] = port.into();
    }
    if !exchange.messages.is_empty() {
        entry["_webSocketMessages"] = json!(exchange.messages);
        for message in entry["_webSocketMessages"].as_array_mut().into_iter().flatten() {
            // Seconds, as Chromium's front end has it.
            message["time"] = (message["time"].as_f64().unwrap_or_default() / 1_000.0).into();
        }
    }
    entry
}

fn request(Exchange { method, url, request: Request { headers, body }, response, .. }: &Exchange) -> Value {
    let protocol = response.as_ref().map(|response| response.protocol.as_str());
    // What is sent is not always what is kept of it.
    let length = header(headers, "content-length").and_then(|length| length.parse().ok());
    let body_size = length.unwrap_or_else(|| body.as_ref().map_or(0, String::len));
    // The format has it without its fragment, which is not sent.
    let (sent, _) = url.split_once('#').unwrap_or((url, ""));
    let mut request = json!({
        "method": method, "url": sent, "httpVersion": version(protocol), "cookies": [], "headers": headers,
        "queryString": query(url), "headersSize": -1, "bodySize": body_size,
    });
    if let Some(body) = body {
        let mime_type = header(headers, "content-type").unwrap_or_default();
        request["postData"] = json!({"mimeType": mime_type, "text": body});
    }
    request
}

fn response(Exchange { response, error, .. }: &Exchange) -> Value {
    let nothing = Response::default();
    let answered = response.as_ref().unwrap_or(&nothing);
    let Response { status, status_text, headers, mime_type, redirect_url, body_size, .. } = answered;
    let is_whole = response.is_some() && error.is_none();
    let came = answered.transfer_size.checked_sub(answered.headers_size).filter(|_| is_whole);
    let mut content = json!({"size": body_size, "mimeType": mime_type});
    if let Some(text) = &answered.body {
        content["text"] = text.as_str().into();
    }
    json!({
        "status": status, "statusText": status_text,
        "httpVersion": version(response.as_ref().map(|response| response.protocol.as_str())),
        "cookies": [], "headers": headers, "content": content,
        "redirectURL": redirect_url.as_deref().unwrap_or_default(),
        "headersSize": -1, "bodySize": came.map_or(-1, |size| i64::try_from(size).unwrap_or(-1)),
        "_transferSize": answered.transfer_size, "_error": error,
        "_fetchedViaServiceWorker": answered.from_service_worker, "_fromCache": answered.from_cache,
    })
}

fn query(url: &str) -> Vec<Value> {
    let url = Url::parse(url).ok();
    let pairs = url.iter().flat_map(Url::query_pairs);
    pairs.map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn version(protocol: Option<&str>) -> &str {
    protocol.filter(|protocol| !protocol.is_empty()).unwrap_or("unknown")
}

fn started(ms: f64) -> String {
    format!("{:.3}", Timestamp::from_millisecond(ms as i64).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{
        super::exchange::{Header, Message},
        *,
    };

    fn exchange() -> Exchange {
        let line = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
        Exchange {
            start_time: 1_764_284_400_123.0,
            method: "POST".to_owned(),
            url: "http://a.example/b?c=d%20e&f".to_owned(),
            resource_type: "Fetch".to_owned(),
            page_id: Some("P".to_owned()),
            request: Request { headers: vec![line("Content-Type", "text/plain")], body: Some("x".to_owned()) },
            response: Some(Response {
                status: 200,
                protocol: "h2".to_owned(),
                remote_address: Some("[::1]:8080".to_owned()),
                transfer_size: 120,
                headers_size: 100,
                ..Response::default()
            }),
            ..Exchange::default()
        }
    }

    #[test]
    fn an_entry_has_what_the_format_wants() {
        let entry = entry(&exchange());
        assert_eq!((&entry["startedDateTime"], &entry["pageref"]), (&json!("2025-11-27T23:00:00.123Z"), &json!("P")));
        let pairs = json!([{"name": "c", "value": "d e"}, {"name": "f", "value": ""}]);
        assert_eq!((&entry["request"]["queryString"], &entry["request"]["httpVersion"]), (&pairs, &json!("h2")));
        assert_eq!(entry["request"]["postData"], json!({"mimeType": "text/plain", "text": "x"}));
        assert_eq!((&entry["response"]["bodySize"], &entry["serverIPAddress"]), (&json!(20), &json!("::1")));
        assert_eq!((&entry["timings"]["dns"], &entry["cache"]), (&json!(-1.0), &json!({})));
    }

    #[test]
    fn a_request_is_what_was_sent_of_it() {
        let mut large = exchange();
        large.url.push_str("#token=x");
        large.request.body = None;
        large.request.headers.push(Header { name: "content-length".to_owned(), value: "70000".to_owned() });
        let request = &entry(&large)["request"];
        assert_eq!((&request["url"], &request["bodySize"]), (&json!("http://a.example/b?c=d%20e&f"), &json!(70_000)));
    }

    #[test]
    fn what_was_not_answered_has_status_0_and_a_reason() {
        let failed = Exchange { response: None, error: Some("net::ERR_FAILED".to_owned()), ..exchange() };
        let response = &entry(&failed)["response"];
        assert_eq!((&response["status"], &response["_error"]), (&json!(0), &json!("net::ERR_FAILED")));
        assert_eq!((&response["bodySize"], &response["httpVersion"]), (&json!(-1), &json!("unknown")));
    }

    #[test]
    fn messages_are_told_in_seconds() {
        let message = Message { kind: "send".to_owned(), time: 1_500.0, opcode: 1, data: "hi".to_owned() };
        let entry = entry(&Exchange { messages: vec![message], ..exchange() });
        assert_eq!(entry["_webSocketMessages"], json!([{"type": "send", "time": 1.5, "opcode": 1, "data": "hi"}]));
    }

    #[test]
    fn head_and_foot_make_a_whole_of_entries() {
        let page = Page { id: "P".to_owned(), start_time: 0.0, url: "http://a/\"".to_owned() };
        let whole = format!("{}{}{FOOT}", head("Chrome/156.0", &[page]), entry(&exchange()));
        let har: Value = serde_json::from_str(&whole).unwrap();
        assert_eq!((&har["log"]["browser"]["version"], &har["log"]["version"]), (&json!("156.0"), &json!("1.2")));
        assert_eq!(har["log"]["pages"][0]["id"], har["log"]["entries"][0]["pageref"]);
    }
}
