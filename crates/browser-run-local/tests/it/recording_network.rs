//! What a recording has of a page's requests.

use cdp_client::Cdp;
use serde_json::{Value, json};

use crate::{
    env::{text, until},
    recorded::{Site, hrefs, start, until_recorded},
};

/// What a page does beside loading itself.
const REQUESTS: &str = "(async () => {
    await fetch('/moved');
    await fetch('/missing');
    await fetch('/post', {method: 'POST', body: 'what was sent', headers: {'content-type': 'text/plain'}});
    await fetch('http://127.0.0.1:1/refused').catch(() => {});
    await new Promise(done => {
        const socket = new WebSocket('/socket');
        socket.onopen = () => socket.send('over the socket');
        socket.onmessage = () => socket.close();
        socket.onclose = done;
    });
    const worker = new Worker('/worker.js');
    while (!performance.getEntriesByName(location.origin + '/worker.js').length) await new Promise(setTimeout);
})()";

fn entry<'a>(entries: &'a [Value], path: &str) -> &'a Value {
    let found = entries.iter().find(|entry| text(&entry["request"]["url"]).ends_with(path));
    found.unwrap_or_else(|| panic!("{path} in {entries:?}"))
}

#[tokio::test]
async fn a_har_lists_exactly_the_requests_that_the_site_saw() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    page.call("Runtime.evaluate", json!({"expression": REQUESTS, "awaitPromise": true})).await;
    until_recorded(&folder, &session, "network", "/from-worker").await;
    let recording = env.end_recorded(&session).await;
    let har = env.requests_of(&recording, "har").await;

    assert_eq!((&har["log"]["version"], &har["log"]["creator"]["name"]), (&json!("1.2"), &json!("browser-run-local")));
    let entries = har["log"]["entries"].as_array().unwrap();
    let of_site = entries.iter().filter_map(|entry| {
        let url = text(&entry["request"]["url"]).replace("ws://", "http://");
        Some(format!("{} {}", text(&entry["request"]["method"]), url.strip_prefix(&site.url)?))
    });
    let mut of_site: Vec<_> = of_site.collect();
    of_site.sort();
    assert_eq!(of_site, site.asked());
    let times: Vec<_> = entries.iter().map(|entry| text(&entry["startedDateTime"])).collect();
    assert!(times.is_sorted(), "{times:?}");

    let document = entry(entries, &format!("{}/", site.url));
    assert_eq!((&document["response"]["status"], &document["_resourceType"]), (&json!(200), &json!("document")));
    assert!(text(&document["response"]["content"]["text"]).contains("A page of text"), "{document}");
    let first = har["log"]["pages"].as_array().unwrap().last().unwrap();
    assert_eq!((&first["title"], &first["id"]), (&json!(format!("{}/", site.url)), &document["pageref"]));
    let moved = entry(entries, "/moved");
    assert_eq!((&moved["response"]["status"], &moved["response"]["redirectURL"]), (&json!(307), &json!("/data")));
    let post = entry(entries, "/post");
    assert_eq!(post["request"]["postData"], json!({"mimeType": "text/plain", "text": "what was sent"}));
    assert_eq!(entry(entries, "/missing")["response"]["status"], 404);
    let refused = entry(entries, "/refused");
    assert_eq!(
        (&refused["response"]["status"], &refused["response"]["_error"]),
        (&json!(0), &json!("net::ERR_UNSAFE_PORT"))
    );
    let socket = entry(entries, "/socket");
    let messages = socket["_webSocketMessages"].as_array().unwrap();
    let sent_and_received: Vec<_> = messages.iter().map(|message| (&message["type"], &message["data"])).collect();
    let data = &json!("over the socket");
    assert_eq!(sent_and_received, [(&json!("send"), data), (&json!("receive"), data)]);
    assert_eq!(socket["response"]["status"], 101);
    for entry in entries {
        expect_har_entry(entry);
    }
}

/// What the format says every entry has: <https://w3c.github.io/web-performance/specs/HAR/Overview.html>.
fn expect_har_entry(entry: &Value) {
    type Field = (&'static str, fn(&Value) -> bool);
    let has = |value: &Value, of: &[Field]| {
        for (name, is_right) in of {
            assert!(is_right(&value[name]), "{name} of {value} in {entry}");
        }
    };
    has(entry, &[("startedDateTime", Value::is_string), ("time", Value::is_number), ("cache", Value::is_object)]);
    has(
        &entry["request"],
        &[
            ("method", Value::is_string),
            ("url", Value::is_string),
            ("httpVersion", Value::is_string),
            ("cookies", Value::is_array),
            ("headers", Value::is_array),
            ("queryString", Value::is_array),
            ("headersSize", Value::is_i64),
            ("bodySize", Value::is_i64),
        ],
    );
    has(
        &entry["response"],
        &[
            ("status", Value::is_u64),
            ("statusText", Value::is_string),
            ("httpVersion", Value::is_string),
            ("cookies", Value::is_array),
            ("headers", Value::is_array),
            ("redirectURL", Value::is_string),
            ("headersSize", Value::is_i64),
            ("bodySize", Value::is_i64),
        ],
    );
    has(&entry["response"]["content"], &[("size", Value::is_u64), ("mimeType", Value::is_string)]);
    has(&entry["timings"], &[("send", Value::is_number), ("wait", Value::is_number), ("receive", Value::is_number)]);
    let parts =
        ["blocked", "dns", "connect", "send", "wait", "receive"].map(|name| entry["timings"][name].as_f64().unwrap());
    let sum: f64 = parts.into_iter().filter(|part| *part > 0.0).sum();
    assert!((sum - entry["time"].as_f64().unwrap()).abs() < 0.01, "{entry}");
}

#[tokio::test]
async fn a_tab_is_recorded_from_its_first_request_on_and_has_no_way_back_to_a_blank_page() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let session = env.acquire("?recording=true").await;
    let tab = env.ok("PUT", &format!("/browser/{session}/json/new?url={}", site.url)).await;
    assert_eq!(tab["url"], json!(site.url));
    until_recorded(&folder, &session, "network", &format!("\"{}/\"", site.url)).await;
    let mut page = Cdp::link(&tab["webSocketDebuggerUrl"]).await.unwrap();
    until("there is no way back", async || {
        let history = page.call("Page.getNavigationHistory", json!({})).await;
        (history["entries"].as_array()?.len() == 1 && history["entries"][0]["url"] == format!("{}/", site.url))
            .then_some(())
    })
    .await;
}

/// Chromium tells a page's second process late that somebody listens, where its first had not answered: four of five
/// documents had no bodies then.
#[tokio::test]
async fn each_tabs_document_is_recorded_whole() {
    const TABS: usize = 5;
    let ((env, folder), site) = (start().await, Site::start().await);
    let session = env.acquire("?recording=true").await;
    for tab in 0..TABS {
        env.ok("PUT", &format!("/browser/{session}/json/new?url={}/?{tab}", site.url)).await;
        until_recorded(&folder, &session, "network", &format!("/?{tab}\"")).await;
    }
    let recording = env.end_recorded(&session).await;
    let mut whole = 0;
    for (target, events) in recording["events"].as_object().unwrap() {
        let hrefs = hrefs(events.as_array().unwrap());
        assert!(hrefs.len() < 2, "the blank page that a tab is opened with is not seen: {hrefs:?}");
        let requests = env.requests_of_target(&recording, target, "json").await;
        let documents = requests.as_array().unwrap().iter().filter(|request| text(&request["url"]).contains("/?"));
        whole += documents.filter(|document| document["response"]["body"].is_string()).count();
    }
    assert_eq!(whole, TABS);
}

#[tokio::test]
async fn requests_have_the_headers_that_went_over_the_network() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    page.call("Runtime.evaluate", json!({"expression": "fetch('/again')", "awaitPromise": true})).await;
    until_recorded(&folder, &session, "network", "/again").await;
    let recording = env.end_recorded(&session).await;
    let requests = env.requests_of(&recording, "json").await;
    let find = |path: &str| {
        let found = requests.as_array().unwrap().iter().find(|request| text(&request["url"]).ends_with(path));
        found.unwrap_or_else(|| panic!("{path} in {requests}"))
    };
    let has = |headers: &Value, name: &str, value: &str| {
        let is_it = |header: &Value| text(&header["name"]).eq_ignore_ascii_case(name) && header["value"] == value;
        headers.as_array().unwrap().iter().any(is_it)
    };
    let data = find("/data?a=b&c=%20d");
    assert!(has(&data["response"]["headers"], "set-cookie", "fresh=1"), "{data}");
    assert_eq!((&data["response"]["status"], &data["response"]["body"]), (&json!(200), &json!("{\"answer\":42}")));
    assert!(data["response"]["transferSize"].as_u64() > data["response"]["bodySize"].as_u64(), "{data}");
    let again = find("/again");
    assert!(has(&again["request"]["headers"], "cookie", "fresh=1"), "{again}");
    assert!(again["duration"].as_f64().unwrap() > 0.0, "{again}");
}

#[tokio::test]
async fn chromiums_own_front_end_imports_a_har() {
    const IMPORT: &str = "async (har) => {
        const { HARFormat, Importer } = await import(location.href);
        const requests = Importer.Importer.requestsFromHARLog(new HARFormat.HARRoot(har).log);
        return requests.map(request => [request.requestMethod, request.url(), request.statusCode]);
    }";
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, _page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "network", "/data").await;
    let version = text(&env.ok("GET", &format!("/browser/{session}/json/version")).await["Browser"]);
    let recording = env.end_recorded(&session).await;
    let har = env.requests_of(&recording, "har").await;

    let front_end = format!("{}/ui/{}/models/har/har.js", env.server.url(), version.rsplit_once('/').unwrap().1);
    let (_, mut importer) = env.record(&front_end).await;
    let import = json!({"expression": format!("({IMPORT})({har})"), "awaitPromise": true, "returnByValue": true});
    let imported = importer.call("Runtime.evaluate", import).await;
    let wanted = har["log"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| json!([entry["request"]["method"], entry["request"]["url"], entry["response"]["status"]]));
    assert_eq!(imported["result"]["value"], wanted.collect::<Value>(), "{imported}");
}
