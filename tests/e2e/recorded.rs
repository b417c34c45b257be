//! Recordings, as Browser Run has them: rrweb's events by tab, and HARs; and one that is as large as it gets.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Semaphore};

/// A recording of these tabs.
pub(crate) fn recording(tabs: &[(&str, Value)]) -> Value {
    let events: serde_json::Map<_, _> = tabs.iter().map(|(tab, events)| ((*tab).to_owned(), events.clone())).collect();
    json!({ "success": true, "result": { "sessionId": "s", "duration": 2_000, "events": events } })
}

/// The events of a page: what its head and its body hold, what happens then, and a text at the end.
pub(crate) fn events(href: &str, head: Value, mut body: Value, then: &[Value], end: &str) -> Value {
    let id = 900;
    body.as_array_mut().unwrap().push(
        json!({ "type": 2, "id": 899, "tagName": "p", "attributes": { "id": "end" }, "childNodes": [
            { "type": 3, "id": id, "textContent": "the beginning" },
        ]}),
    );
    let element = |id: u32, name: &str, children: Value| json!({ "type": 2, "id": id, "tagName": name, "attributes": {}, "childNodes": children });
    let html = element(2, "html", json!([element(3, "head", head), element(4, "body", body)]));
    let mut events = vec![
        json!({ "type": 4, "timestamp": 1_000, "data": { "href": href, "width": 800, "height": 600 } }),
        json!({ "type": 2, "timestamp": 1_010, "data": {
            "node": { "type": 0, "id": 1, "childNodes": [html] }, "initialOffset": { "top": 0, "left": 0 } } }),
    ];
    let happened = then.iter().map(|data| json!({ "type": 3, "timestamp": 1_500, "data": data }));
    events.extend(happened);
    let texts =
        json!({ "source": 0, "adds": [], "removes": [], "attributes": [], "texts": [{ "id": id, "value": end }] });
    events.push(json!({ "type": 3, "timestamp": 3_000, "data": texts }));
    events.into()
}

/// A HAR of one request.
pub(crate) fn har(url: &str, headers: &[(&str, &str)]) -> Value {
    let headers: Vec<_> = headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({ "log": { "version": "1.2", "creator": { "name": "Browser Run", "version": "1" }, "entries": [{
        "startedDateTime": "2026-11-27T00:00:00.000Z", "time": 12.5,
        "request": { "method": "GET", "url": url, "httpVersion": "h2", "headers": headers, "queryString": [],
            "cookies": [{ "name": "sid", "value": "s3cret-in-the-list" }], "headersSize": -1, "bodySize": 0 },
        "response": { "status": 200, "statusText": "OK", "httpVersion": "h2", "cookies": [], "redirectURL": "",
            "headers": [{ "name": "Set-Cookie", "value": "sid=s3cret-that-is-set" }], "headersSize": -1, "bodySize": 3,
            "content": { "size": 3, "mimeType": "text/html", "text": "kept" } },
        "cache": {}, "timings": { "send": 1, "wait": 10, "receive": 1.5 },
    }]}})
}

const MIB: usize = 1 << 20;
/// How far it goes ahead of who reads it: what stands in buffers on the way.
const AHEAD_MIB: usize = 24;

/// An upstream with a recording so large, of which it sends more only when it is told that so much has arrived.
pub(crate) struct Large {
    pub(crate) origin: String,
    arrived: Arc<Semaphore>,
}

impl Large {
    pub(crate) async fn start(size_mib: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let arrived = Arc::new(Semaphore::new(AHEAD_MIB));
        let permits = Arc::clone(&arrived);
        let router = Router::new().fallback(async move || {
            let chunks = stream::unfold(0, move |index| {
                let permits = Arc::clone(&permits);
                async move {
                    permits.acquire().await.unwrap().forget();
                    (index < size_mib).then(|| (Ok::<_, Infallible>(chunk(index, size_mib)), index + 1))
                }
            });
            Body::from_stream(chunks)
        });
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { origin, arrived }
    }

    /// So many MiB more have arrived.
    pub(crate) fn arrived(&self, mib: usize) {
        self.arrived.add_permits(mib);
    }
}

/// A MiB of a JSON text: as many events as it takes, and white space.
fn chunk(index: usize, of: usize) -> Bytes {
    const EVENT: &str =
        r#"{"type":3,"timestamp":1700000000000,"data":{"source":0,"texts":[{"id":7,"value":"what is typed"}]}},"#;
    let (begin, end) = (r#"{"events":{"T":["#, r#"{"type":3}]}}"#);
    let begin = if index == 0 { begin } else { "" };
    let end = if index + 1 == of { end } else { "" };
    let left = MIB - begin.len() - end.len();
    let events = EVENT.repeat(left / EVENT.len());
    format!("{begin}{events}{:left$}{end}", "", left = left - events.len()).into()
}
