//! Browser Run as far as a click needs it: answers everything at once, or everything after a while.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::Result;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::CONTENT_TYPE,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What it says that links carry: as long as one is.
const JWT: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhLXBhZ2Utb2YtYS1zZXNzaW9uIiwiaWF0IjoxNzkzNDk3NjAwLCJleHAiOjE3OTM0OTc5MDB9\
                   .MEUCIQDExampleExampleExampleExampleExampleExampleExampleAiEAExampleExampleExampleExample";

/// How one behaves.
#[derive(Clone, Default)]
pub(crate) struct Behaviour {
    /// Before each answer.
    pub(crate) delay: Option<Duration>,
    /// How many sessions the account's list holds: none of them was acquired here.
    pub(crate) foreign: usize,
    /// How many calls have come.
    pub(crate) calls: Arc<AtomicU64>,
}

/// Starts one, which runs for as long as this program.
pub(crate) async fn start(delay: Option<Duration>) -> Result<SocketAddr> {
    start_as(Behaviour { delay, ..Behaviour::default() }).await
}

/// The same, with more to it.
pub(crate) async fn start_as(behaviour: Behaviour) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A socket that is gone already will say so when it is read.
            let _ = stream.set_nodelay(true);
            let behaviour = behaviour.clone();
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service_fn(move |request| serve(request, behaviour.clone())));
            // Workers close connections as they like.
            tokio::spawn(async { drop(connection.await) });
        }
    });
    Ok(address)
}

async fn serve(request: Request<Incoming>, behaviour: Behaviour) -> Result<Response<Full<Bytes>>, Infallible> {
    behaviour.calls.fetch_add(1, Relaxed);
    let (head, body) = request.into_parts();
    // Whatever is in there, it is taken.
    drop(body.collect().await);
    if let Some(delay) = behaviour.delay {
        tokio::time::sleep(delay).await;
    }
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let answer = answer(head.method.as_str(), path, query, behaviour.foreign);
    let response = Response::builder().header(CONTENT_TYPE, "application/json").body(answer.to_string().into());
    Ok(response.expect("a content type is a header"))
}

/// What Browser Run documents; `{}` to everything that no click waits for.
fn answer(method: &str, path: &str, query: &str, foreign: usize) -> Value {
    let segments: Vec<_> = path.rsplit("/devtools/").next().unwrap_or_default().split('/').collect();
    match (method, segments.as_slice()) {
        ("POST", ["browser"]) => acquired(query),
        ("DELETE", ["browser", _]) => json!({ "status": "closed" }),
        ("PUT", ["browser", session, "json", "new"]) => target(session, &target_id(), field(query, "url")),
        ("GET", ["browser", session, "json", "list", id]) => target(session, id, Some("https://example.com/")),
        ("GET" | "DELETE", ["browser", _, "json", "close", _]) => json!({ "message": "Target is closing" }),
        ("GET", ["session"]) => foreign_sessions(query, foreign),
        ("GET", ["browser", _, "json", "list"]) => json!([]),
        ("GET", ["session", id]) => json!({ "sessionId": id }),
        _ => json!({}),
    }
}

/// A part of the list, each as long as a session's entry is while somebody is connected.
fn foreign_sessions(query: &str, count: usize) -> Value {
    let number = |name, otherwise| field(query, name).and_then(|value| value.parse().ok()).unwrap_or(otherwise);
    let listed = (0..count).skip(number("offset", 0)).take(number("limit", count)).map(|number| {
        json!({
            "sessionId": format!("f0e19000-0000-4000-8000-{number:012x}"),
            "startTime": 1_793_497_600_000_u64,
            "lastUpdated": 1_793_497_600_000_u64,
            "connectionId": format!("c0111ec7-0000-4000-8000-{number:012x}"),
            "connectionStartTime": 1_793_497_600_000_u64,
        })
    });
    listed.collect()
}

fn acquired(query: &str) -> Value {
    let session = session_id();
    let mut answer = json!({ "sessionId": session, "webSocketDebuggerUrl": socket(&session, "") });
    if query.split('&').any(|pair| pair == "targets=true") {
        answer["targets"] = json!([target(&session, &target_id(), None)]);
    }
    answer
}

/// Without a page, the blank one.
fn target(session: &str, id: &str, url: Option<&str>) -> Value {
    let page = format!("live.browser.run/api/devtools/browser/{session}/page/{id}?jwt={JWT}");
    json!({
        "id": id, "type": "page", "url": url.unwrap_or("about:blank"), "title": "", "description": "",
        "devtoolsFrontendUrl": format!("https://live.browser.run/ui/view?wss={page}"),
        "webSocketDebuggerUrl": socket(session, &format!("/page/{id}")),
    })
}

fn socket(session: &str, page: &str) -> String {
    format!("wss://live.browser.run/api/devtools/browser/{session}{page}?jwt={JWT}")
}

/// As it was sent: nobody here looks at it.
fn field<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(field, value)| (field == name).then_some(value))
}

fn session_id() -> String {
    format!("5e551010-0000-4000-8000-{:012x}", next())
}

fn target_id() -> String {
    format!("{:032X}", next())
}

/// Every number once.
fn next() -> u64 {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    NUMBER.fetch_add(1, Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVTOOLS: &str = "/client/v4/accounts/a/browser-rendering/devtools";

    #[test]
    fn a_session_comes_with_its_page_where_that_is_asked_for() {
        let path = format!("{DEVTOOLS}/browser");
        let with = answer("POST", &path, "keep_alive=600000&targets=true", 0);
        assert_eq!(with["targets"][0]["url"], "about:blank");
        let without = answer("POST", &path, "keep_alive=600000", 0);
        assert!(without.get("targets").is_none());
        assert_ne!(with["sessionId"], without["sessionId"]);
    }

    #[test]
    fn a_tab_has_an_id_of_its_own_and_a_link_to_it() {
        let path = format!("{DEVTOOLS}/browser/s1/json/new");
        let [one, other] = ["url=a", "url=b"].map(|query| answer("PUT", &path, query, 0));
        assert_ne!(one["id"], other["id"]);
        assert_eq!(one["id"].as_str().map(str::len), Some(32));
        let link = one["devtoolsFrontendUrl"].as_str().unwrap();
        assert!(link.contains(&format!("/browser/s1/page/{}?jwt=", one["id"].as_str().unwrap())), "{link}");
    }

    #[test]
    fn a_call_that_no_click_waits_for_is_answered_too() {
        assert_eq!(answer("GET", &format!("{DEVTOOLS}/browser/s/json/close/t"), "", 0)["message"], "Target is closing");
        assert_eq!(answer("GET", &format!("{DEVTOOLS}/session"), "limit=100", 0), json!([]));
        assert_eq!(answer("PATCH", "/", "", 0), json!({}));
    }

    #[test]
    fn others_sessions_are_listed_in_parts() {
        let list = |query| answer("GET", &format!("{DEVTOOLS}/session"), query, 150);
        let parts = ["limit=100&offset=0", "limit=100&offset=100", "limit=100&offset=150"].map(list);
        assert_eq!(parts.each_ref().map(|part| part.as_array().unwrap().len()), [100, 50, 0]);
        assert_ne!(parts[0][0]["sessionId"], parts[1][0]["sessionId"]);
    }
}
