//! Browser Run as far as a click needs it: answers everything at once, or everything after a while.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
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

/// Starts one, which runs for as long as this program.
pub(crate) async fn start(delay: Option<Duration>) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A socket that is gone already will say so when it is read.
            let _ = stream.set_nodelay(true);
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service_fn(move |request| serve(request, delay)));
            // Workers close connections as they like.
            tokio::spawn(async { drop(connection.await) });
        }
    });
    Ok(address)
}

async fn serve(request: Request<Incoming>, delay: Option<Duration>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    // Whatever is in there, it is taken.
    drop(body.collect().await);
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    let answer = answer(head.method.as_str(), head.uri.path(), head.uri.query().unwrap_or_default());
    let response = Response::builder().header(CONTENT_TYPE, "application/json").body(answer.to_string().into());
    Ok(response.expect("a content type is a header"))
}

/// What Browser Run documents; `{}` to everything that no click waits for.
fn answer(method: &str, path: &str, query: &str) -> Value {
    let segments: Vec<_> = path.rsplit("/devtools/").next().unwrap_or_default().split('/').collect();
    match (method, segments.as_slice()) {
        ("POST", ["browser"]) => acquired(query),
        ("DELETE", ["browser", _]) => json!({ "status": "closed" }),
        ("PUT", ["browser", session, "json", "new"]) => target(session, &target_id(), url(query)),
        ("GET", ["browser", session, "json", "list", id]) => target(session, id, "https://example.com/".to_owned()),
        ("GET" | "DELETE", ["browser", _, "json", "close", _]) => json!({ "message": "Target is closing" }),
        ("GET", ["session"] | ["browser", _, "json", "list"]) => json!([]),
        ("GET", ["session", id]) => json!({ "sessionId": id }),
        _ => json!({}),
    }
}

fn acquired(query: &str) -> Value {
    let session = session_id();
    let mut answer = json!({ "sessionId": session, "webSocketDebuggerUrl": socket(&session, "") });
    if query.split('&').any(|pair| pair == "targets=true") {
        answer["targets"] = json!([target(&session, &target_id(), "about:blank".to_owned())]);
    }
    answer
}

fn target(session: &str, id: &str, url: String) -> Value {
    let page = format!("live.browser.run/api/devtools/browser/{session}/page/{id}?jwt={JWT}");
    json!({
        "id": id, "type": "page", "url": url, "title": "", "description": "",
        "devtoolsFrontendUrl": format!("https://live.browser.run/ui/view?wss={page}"),
        "webSocketDebuggerUrl": socket(session, &format!("/page/{id}")),
    })
}

fn socket(session: &str, page: &str) -> String {
    format!("wss://live.browser.run/api/devtools/browser/{session}{page}?jwt={JWT}")
}

/// As it was sent: nobody here looks at it.
fn url(query: &str) -> String {
    query.split('&').find_map(|pair| pair.strip_prefix("url=")).unwrap_or("about:blank").to_owned()
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
        let with = answer("POST", &path, "keep_alive=600000&targets=true");
        assert_eq!(with["targets"][0]["url"], "about:blank");
        let without = answer("POST", &path, "keep_alive=600000");
        assert!(without.get("targets").is_none());
        assert_ne!(with["sessionId"], without["sessionId"]);
    }

    #[test]
    fn a_tab_has_an_id_of_its_own_and_a_link_to_it() {
        let path = format!("{DEVTOOLS}/browser/s1/json/new");
        let [one, other] = ["url=a", "url=b"].map(|query| answer("PUT", &path, query));
        assert_ne!(one["id"], other["id"]);
        assert_eq!(one["id"].as_str().map(str::len), Some(32));
        let link = one["devtoolsFrontendUrl"].as_str().unwrap();
        assert!(link.contains(&format!("/browser/s1/page/{}?jwt=", one["id"].as_str().unwrap())), "{link}");
    }

    #[test]
    fn a_call_that_no_click_waits_for_is_answered_too() {
        assert_eq!(answer("GET", &format!("{DEVTOOLS}/browser/s/json/close/t"), "")["message"], "Target is closing");
        assert_eq!(answer("GET", &format!("{DEVTOOLS}/session"), "limit=100"), json!([]));
        assert_eq!(answer("PATCH", "/", ""), json!({}));
    }
}
