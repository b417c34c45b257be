//! Endpoints, one by one.

use cdp_client::Cdp;
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::env::{Env, LONG, PREFIX, TOKEN, answer, message, site, text};

#[tokio::test]
async fn callers_without_the_token_are_refused() {
    let env = Env::start().await;
    let sessions = format!("{PREFIX}/session");
    for wrong in ["", "Bearer", "Bearer ", "Bearer nonsense", &format!("Basic {TOKEN}"), TOKEN] {
        let (status, body) = answer(env.request_at("GET", &sessions).header(header::AUTHORIZATION, wrong)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert_eq!(body, json!({"errors": [{"code": 10000, "message": "Authentication failed"}]}));
    }
    assert_eq!(env.ok("GET", "/session").await, json!([]));
}

#[tokio::test]
async fn every_prefix_leads_to_the_api_and_slashes_do_not_matter() {
    let env = Env::start().await;
    for path in [
        "/client/v4/accounts/a/browser-rendering/devtools/session",
        "/client/v4//accounts/a/browser-run/devtools/session/",
        "//accounts/b/browser-rendering/devtools/session",
        "/v1/devtools/session",
    ] {
        let (status, body) = answer(env.request_at("GET", path).bearer_auth(TOKEN)).await;
        assert_eq!((status, body), (StatusCode::OK, json!([])), "{path}");
    }
    for (method, path, status) in [
        ("GET", "/nothing", StatusCode::NOT_FOUND),
        ("PATCH", "/session", StatusCode::METHOD_NOT_ALLOWED),
        ("GET", "/browser", StatusCode::UPGRADE_REQUIRED),
    ] {
        let (is, body) = env.call(method, path).await;
        assert_eq!(is, status, "{method} {path}");
        message(&body);
    }
}

#[tokio::test]
async fn accounts_are_one_on_one_page() {
    let env = Env::start().await;
    for path in ["/client/v4/accounts", "/client/v4/memberships"] {
        let (status, body) = answer(env.request_at("GET", path).bearer_auth(TOKEN)).await;
        assert_eq!((status, &body["success"]), (StatusCode::OK, &json!(true)));
        assert_eq!(body["result"].as_array().unwrap().len(), 1, "{body}");
        let (_, next) = answer(env.request_at("GET", &format!("{path}?page=2")).bearer_auth(TOKEN)).await;
        assert_eq!(next["result"], json!([]), "or clients would turn pages for ever");
        assert_eq!(answer(env.request_at("GET", path)).await.0, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn another_host_is_refused() {
    let env = Env::start().await;
    let port = env.server.address().port();
    let at = async |host: &str| {
        let request = env.request("GET", "/session").header(header::HOST, host);
        request.send().await.unwrap().status()
    };
    assert_eq!(at("rebound.example").await, StatusCode::FORBIDDEN);
    assert_eq!(at(&format!("rebound.example:{port}")).await, StatusCode::FORBIDDEN);
    assert_eq!(at("127.0.0.1:1").await, StatusCode::FORBIDDEN);
    assert_eq!(at(&format!("localhost:{port}")).await, StatusCode::OK);
}

#[tokio::test]
async fn an_acquisition_is_checked_before_a_browser_starts() {
    let env = Env::start().await;
    for (query, says) in [
        ("?keep_alive=9999", "keep_alive must be from 10000 to 1200000 milliseconds"),
        ("?keep_alive=1200001", "keep_alive must be from 10000 to 1200000 milliseconds"),
        ("?keep_alive=soon", "keep_alive"),
        ("?keep_alive=60000.5", "keep_alive"),
        ("?targets=perhaps", "targets"),
        ("?browser=kitesurf", "browser must be chromium"),
        ("?browser=", "browser must be chromium"),
        ("?liveViewUrlExpiresInMs=1", "liveViewUrlExpiresInMs must be from 60000 to 3600000"),
    ] {
        let (status, body) = env.call("POST", &format!("/browser{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        assert!(message(&body).contains(says), "{query}: {body}");
    }
    for (sent, status) in [
        ("not JSON", StatusCode::BAD_REQUEST),
        (r#"{"guardrails":{"allowedDomains":"x"}}"#, StatusCode::BAD_REQUEST),
        (r#"{"guardrails":{"allowedDomains":["https://example.com"]}}"#, StatusCode::BAD_REQUEST),
        (r#"{"guardrails":{"allowedDomainSets":["unknown"]}}"#, StatusCode::BAD_REQUEST),
    ] {
        let (is, body) = answer(env.request("POST", "/browser").body(sent)).await;
        assert_eq!(is, status, "{sent}");
        message(&body);
    }
    assert_eq!(env.ok("GET", "/session").await, json!([]));
}

#[tokio::test]
async fn a_new_session_has_one_blank_page_with_links_already() {
    let env = Env::start().await;
    let request = env.request(
        "POST",
        "/browser?targets=true&lab=true&recording=false&unknown=1&browser=chromium&keep_alive=60000.0",
    );
    let (status, acquired) = answer(request.header(header::CONTENT_TYPE, "application/json")).await;
    assert_eq!(status, StatusCode::OK);
    let id = text(&acquired["sessionId"]);
    let base = format!("127.0.0.1:{}", env.server.address().port());
    assert_eq!(acquired["webSocketDebuggerUrl"], format!("ws://{base}{PREFIX}/browser/{id}"));
    let version = format!("/v1/devtools/browser/{id}/json/version");
    let (_, version) = answer(env.request_at("GET", &version).bearer_auth(TOKEN)).await;
    assert_eq!(version["webSocketDebuggerUrl"], format!("ws://{base}/v1/devtools/browser/{id}"), "as it was called");

    let [page] = acquired["targets"].as_array().unwrap().as_slice() else { panic!("{acquired}") };
    assert_eq!((&page["type"], &page["url"]), (&json!("page"), &json!("about:blank")));
    let target = text(&page["id"]);
    assert!(target.len() == 32 && target.bytes().all(|b| b.is_ascii_hexdigit()), "{target}");
    let link = |path: &str| format!("http://{base}/ui/{path}?wss={base}/api/devtools/browser/{id}/page/{target}?jwt=");
    assert!(text(&page["devtoolsFrontendUrl"]).starts_with(&link("inspector")), "{page}");
    let listed = env.page(&id).await;
    assert!(text(&listed["devtoolsFrontendUrl"]).starts_with(&link("view")), "{listed}");
    for page in [page, &listed] {
        let html = reqwest::get(text(&page["devtoolsFrontendUrl"])).await.unwrap().text().await.unwrap();
        assert!(html.contains("<title>DevTools</title>"), "{html}");
    }
    let socket = format!("ws://{base}/api/devtools/browser/{id}/page/{target}?jwt=");
    assert!(text(&page["webSocketDebuggerUrl"]).starts_with(&socket), "{page}");

    let (_, without) = answer(env.request("POST", "/browser").body("{}")).await;
    assert_eq!(without.get("targets"), None);
}

#[tokio::test]
async fn a_tab_opens_on_exactly_the_url_that_is_asked_for() {
    let (env, site) = (Env::lent().await, site().await);
    let session = env.acquire(LONG).await;
    for odd in [
        "/plain",
        "/?a=1&b=2&url=https://example.com/?x=y%26z",
        "/path%20with%2Fescapes?plus=a+b&percent=100%25#fragment?not=query&x",
        "/?encoded=%2B%26%23%3D&empty=&&#",
        "/spaces in it?and here#and there",
        "/smörgåsbord/日本語?ключ=значение#π",
        "/?quote='\"<>{}|\\^`",
    ] {
        let url = format!("{site}{odd}");
        let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("url", &url).finish();
        let target = env.ok("PUT", &format!("/browser/{session}/json/new?{query}")).await;
        let mut page = Cdp::link(&target["webSocketDebuggerUrl"]).await.unwrap();
        let is = crate::env::until("the page is there", async || {
            let is = page.evaluate("document.readyState == 'complete' && location.href").await;
            is.as_str().filter(|url| *url != "about:blank").map(str::to_owned)
        });
        assert_eq!(is.await, Url::parse(&url).unwrap().as_str());
    }
}

#[tokio::test]
async fn tabs_are_opened_listed_activated_and_closed() {
    let env = Env::lent().await;
    let session = env.acquire(LONG).await;
    let json = format!("/browser/{session}/json");
    let (status, body) = env.call("PUT", &format!("{json}/new?url=example.com")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    assert!(message(&body).contains("url is not an absolute URL"));

    let first = text(&env.page(&session).await["id"]);
    let blank = env.ok("PUT", &format!("{json}/new")).await;
    assert_eq!(blank["url"], "about:blank");
    let second = text(&blank["id"]);
    let ids = async |path: &str| {
        let targets = env.ok("GET", &format!("{json}{path}")).await;
        let mut ids: Vec<_> = targets.as_array().unwrap().iter().map(|target| text(&target["id"])).collect();
        ids.sort();
        ids
    };
    let mut both = [first.clone(), second.clone()];
    both.sort();
    assert_eq!(ids("/list").await, both);
    assert_eq!(ids("").await, both);

    let listed = env.ok("GET", &format!("{json}/list/{second}")).await;
    assert_eq!((&listed["id"], &listed["type"]), (&blank["id"], &json!("page")));
    assert_eq!(env.ok("GET", &format!("{json}/activate/{first}")).await, json!({"message": "Target activated"}));
    for (method, id) in [("GET", &second), ("DELETE", &first)] {
        let closed = env.ok(method, &format!("{json}/close/{id}")).await;
        assert_eq!(closed, json!({"message": "Target is closing"}));
        crate::env::until("the tab is gone", async || (!ids("").await.contains(id)).then_some(())).await;
    }
    for path in ["list", "activate", "close"] {
        let (status, body) = env.call("GET", &format!("{json}/{path}/{second}")).await;
        assert_eq!((status, message(&body)), (StatusCode::NOT_FOUND, "Target not found"), "{path}");
    }
}

#[tokio::test]
async fn the_browser_is_described_with_addresses_of_this_server() {
    let env = Env::lent().await;
    let session = env.acquire(LONG).await;
    let version = env.ok("GET", &format!("/browser/{session}/json/version/")).await;
    for key in ["Browser", "Protocol-Version", "User-Agent", "V8-Version", "WebKit-Version"] {
        assert!(version[key].is_string(), "{key} in {version}");
    }
    let address = env.server.address().to_string();
    assert!(text(&version["webSocketDebuggerUrl"]).contains(&address));
    let protocol = env.ok("GET", &format!("/browser/{session}/json/protocol")).await;
    let domains: Vec<&Value> = protocol["domains"].as_array().unwrap().iter().map(|d| &d["domain"]).collect();
    assert!(domains.contains(&&json!("Page")));
}
