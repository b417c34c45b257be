//! The API for programs.

use cdp_client::Cdp;
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::{
    environment::{binding, guarded, rest, scripted, site},
    people::{Person, answer},
    scripted::{ok, session, target},
    until::until,
};

#[tokio::test]
async fn a_session_is_opened_shown_with_fresh_links_and_closed() {
    let (environment, site) = (guarded().await, site().await);
    let (jon, kim) = (environment.person("jon"), environment.person("kim"));
    let page = format!("{}/api/1", site.origin);
    let created = jon.post("/api/sessions", json!({ "url": page, "mode": "tab" })).await;
    let opened = created.json(201);
    let (session, tab) = (opened["session_id"].as_str().unwrap(), opened["target_id"].as_str().unwrap());
    let path = format!("/api/sessions/{session}");
    let permalink = format!("{}/s/{session}/{tab}", environment.worker.origin);
    assert_eq!(created.header("location"), path);
    assert_eq!(
        [&opened["url"], &opened["permalink"], &opened["reused"]],
        [&json!(page), &json!(permalink), &json!(false)]
    );
    assert!(opened["expires_at"].as_str().unwrap().ends_with('Z'), "{opened}");
    assert!(opened["devtools_url"].as_str().unwrap().contains("mode=tab"), "{opened}");
    let second = jon.post("/api/sessions", json!({ "url": format!("{}/api/2", site.origin) })).await.json(201);
    assert_eq!((&second["session_id"], &second["reused"]), (&json!(session), &json!(true)));

    let shown = jon.get(&path).await.json(200);
    assert_eq!((&shown["state"], &shown["caller"]), (&json!("open"), &json!("jon")));
    let tabs = shown["tabs"].as_array().unwrap();
    for (tab, page) in tabs.iter().zip(["/api/1", "/api/2"]) {
        let link = tab["devtools_url"].as_str().unwrap();
        assert!(link != opened["devtools_url"] && link != second["devtools_url"], "links are made for each answer");
        Cdp::behind(link).await.unwrap().until("location.pathname", &page.into()).await;
    }
    assert_eq!((tabs.len(), &tabs[0]["permalink"]), (2, &json!(permalink)));

    for request in [kim.get(&path).await, kim.delete(&path).await] {
        request.problem(404, "not-found");
    }
    for _ in 0..2 {
        assert_eq!(jon.delete(&path).await.status, 204, "closing what is closed is a success");
    }
    assert!(environment.browser_run.session(session).await["endTime"].is_u64());
    let ended = jon.get(&path).await.json(200);
    assert_eq!((&ended["state"], &ended["end_reason"]), (&json!("ended"), &json!("closed_on_request")));
}

#[tokio::test]
async fn sessions_are_listed_newest_first_by_page_and_by_state() {
    let (environment, site) = (guarded().await, site().await);
    let lea = environment.person("lea");
    let mut newest_first = Vec::new();
    for page in 1..=3 {
        let opened = lea.open(&format!("{}/list/{page}", site.origin), &[("fresh", "true")]).await;
        if page < 3 {
            lea.delete(&format!("/api/sessions/{}", opened.session)).await;
        }
        newest_first.insert(0, opened.session);
    }
    let list = async |query: &str| {
        let list = lea.get(&format!("/api/sessions{query}")).await.json(200);
        let ids = list["sessions"].as_array().unwrap().iter().map(|session| session["session_id"].clone());
        (ids.collect::<Vec<_>>(), list["total"].clone(), list["next_offset"].clone())
    };
    let ids = |range: std::ops::Range<usize>| newest_first[range].iter().map(|id| json!(id)).collect::<Vec<_>>();
    assert_eq!(list("").await, (ids(0..3), json!(3), Value::Null));
    assert_eq!(list("?limit=2").await, (ids(0..2), json!(3), json!(2)));
    assert_eq!(list("?limit=2&offset=2").await, (ids(2..3), json!(3), Value::Null));
    assert_eq!(list("?state=open").await, (ids(0..1), json!(1), Value::Null));
    assert_eq!(list("?state=ended&limit=1").await, (ids(1..2), json!(2), json!(1)));
    for far in ["312463198459", "18446744073709551615"] {
        assert_eq!(list(&format!("?offset={far}")).await, (vec![], json!(3), Value::Null), "{far}");
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_closed_now_is_used_no_more() {
    const SESSION: &str = "0c7b4c1e-0f5e-4d0c-8a6e-1c6f7f1d2a33";
    const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";
    let upstream = scripted().await;
    let max = Person::new(upstream.worker(), "max");
    upstream.answer("POST /browser", session(SESSION)).await;
    upstream.answer(&format!("PUT /browser/{SESSION}/json/new"), target(LINK)).await;
    upstream.answer(&format!("DELETE /browser/{SESSION}"), ResponseTemplate::new(500)).await;
    upstream.always(&format!("DELETE /browser/{SESSION}"), ok(json!({ "status": "closing" }))).await;
    let (path, permalink) = (format!("/api/sessions/{SESSION}"), max.open(&upstream.page(), &[]).await.permalink);
    assert_eq!(max.delete(&path).await.status, 202);
    assert_eq!(max.get(&path).await.json(200)["state"], "closing");
    max.get(&permalink).await.problem(410, "ended");
    assert_eq!(max.delete(&path).await.status, 204);
    assert_eq!(max.get(&path).await.json(200)["state"], "ended");
}

#[tokio::test]
async fn a_sweep_closes_what_is_ours_and_a_dry_run_only_says_so() {
    let (environment, site) = (binding().await, site().await);
    let worker = &environment.worker;
    let (foreign, _) = environment.browser_run.open("about:blank").await;
    let ours = answer(worker.click(&format!("{}/sweep", site.origin), &[])).await.opened(302).session;
    let sweep = async |body: Value| answer(worker.request(Method::POST, "/api/sweep").json(&body)).await.json(200);
    let closed = json!({ "session_id": ours, "caller": "anonymous", "why": "too_old" });

    let dry = until("the session is too old", async || {
        let report = sweep(json!({ "dry_run": true })).await;
        if report["closed"].as_array().unwrap().contains(&closed) { Ok(report) } else { Err(report.to_string()) }
    })
    .await;
    assert_eq!(dry["dry_run"], true);
    assert!(environment.browser_run.session(&ours).await["endTime"].is_null(), "nothing was done");

    let report = sweep(json!({})).await;
    assert!(report["closed"].as_array().unwrap().contains(&closed), "{report}");
    assert!(report["foreign"].as_u64().unwrap() >= 1, "{report}");
    assert!(environment.browser_run.session(&ours).await["endTime"].is_u64());
    assert!(environment.browser_run.session(&foreign).await["endTime"].is_null());
    sweep(json!({ "dry_run": true })).await;
    assert_eq!(answer(worker.get("/api/sweep")).await.json(200), report, "the last run is shown, not a dry one");
}

#[tokio::test]
async fn head_opens_nothing_anywhere() {
    let (environment, site) = (rest().await, site().await);
    let opened = answer(environment.worker.click(&format!("{}/head", site.origin), &[])).await.opened(302);
    Cdp::behind(&opened.link).await.unwrap().until("document.readyState", &"complete".into()).await;
    for path in [
        &format!("/?url={}/head", site.origin),
        &format!("/{}/head", site.origin),
        &opened.permalink,
        &format!("/api/sessions/{}", opened.session),
        "/api/sessions",
        "/healthz",
    ] {
        let head = answer(environment.worker.request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.body.as_str(), head.header("location")), (200, "", ""), "{path}");
    }
    let healthy = answer(environment.worker.get("/healthz")).await;
    assert_eq!(healthy.json(200), json!({ "status": "ok" }));
    assert_eq!(site.targets("/head").len(), 1, "the first click's, and no other");
}

#[tokio::test]
async fn a_wrong_method_is_a_405_that_names_the_right_ones() {
    let worker = &rest().await.worker;
    for (path, method, allowed) in [
        ("/?url=https://example.com/", "DELETE", "GET, HEAD, POST"),
        ("/https://example.com/", "PUT", "GET, HEAD, POST"),
        ("/s/x", "DELETE", "GET, HEAD, POST"),
        ("/s/x/y", "PUT", "GET, HEAD, POST"),
        ("/l/x", "DELETE", "GET, HEAD, POST"),
        ("/api/sessions", "DELETE", "GET, HEAD, POST"),
        ("/api/sessions/x", "POST", "GET, HEAD, DELETE"),
        ("/api/links", "PUT", "GET, HEAD, POST"),
        ("/api/links/x", "GET", "DELETE"),
        ("/api/sweep", "DELETE", "GET, HEAD, POST"),
        ("/healthz", "POST", "GET, HEAD"),
    ] {
        let refused = answer(worker.request(method.parse().unwrap(), path)).await;
        refused.problem(405, "method-not-allowed");
        assert_eq!(refused.header("allow"), allowed, "{method} {path}");
    }
    let limit = answer(worker.get("/api/sessions?limit=x")).await.json(400);
    assert_eq!(limit["title"], "A value is out of range");
    for (method, path, body, status, kind) in [
        ("POST", "/api/sessions", "{", 400, "body"),
        ("POST", "/api/sessions", "{}", 400, "body"),
        ("POST", "/api/sessions", r#"{"url":"https://e.com","color":1}"#, 400, "body"),
        ("POST", "/api/sessions", r#"{"url":"https://e.com","keep_alive":9}"#, 400, "out-of-range"),
        ("POST", "/api/sessions", r#"{"url":"https://e.com","keep_alive":10.5}"#, 400, "body"),
        ("POST", "/api/sessions", r#"{"url":""}"#, 400, "url-missing"),
        ("POST", "/api/sessions", r#"{"url":"e.com"}"#, 400, "url-invalid"),
        ("POST", "/api/sweep", r#"{"dry":true}"#, 400, "body"),
        ("GET", "/api/sessions?state=gone", "", 400, "out-of-range"),
        ("GET", "/api/sessions?limit=201", "", 400, "out-of-range"),
        ("GET", "/api/sessions?limit=x", "", 400, "out-of-range"),
        ("GET", "/api/sessions?offset=-1", "", 400, "out-of-range"),
        ("GET", "/api/sessions?page=1", "", 400, "unknown-option"),
        ("GET", "/api/sessions?state=%ff", "", 400, "encoding"),
        ("GET", "/api/sessions/x", "", 404, "not-found"),
        ("DELETE", "/api/sessions/x", "", 404, "not-found"),
        ("DELETE", "/api/links/x", "", 404, "not-found"),
        ("DELETE", "/api/links/x?close=soon", "", 400, "out-of-range"),
        ("DELETE", "/api/links/x?closed", "", 400, "unknown-option"),
        ("GET", "/api/nothing", "", 404, "not-found"),
        ("GET", "/s/x/y", "", 404, "not-found"),
        ("POST", "/s/x", "", 404, "not-found"),
        ("GET", "/l/x", "", 403, "link-invalid"),
    ] {
        let request = worker.request(method.parse().unwrap(), path).body(body);
        answer(request).await.problem(status, kind);
    }
}
