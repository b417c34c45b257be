//! The cron run closes what the Worker opened, and nothing else.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use cdp_client::Cdp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    browser_run::{BrowserRun, session_of},
    environment::{binding, scripted, site},
    people::{Person, answer},
    scripted::{Scripted, ok, session, target},
    until::until,
    worker::{Settings, Worker},
};

const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";
const FOREIGN: &str = "somebody-elses-";

#[tokio::test]
async fn the_cron_run_closes_our_old_session_and_leaves_a_foreign_one() {
    let (environment, site) = (binding().await, site().await);
    let (foreign, foreign_link) = environment.browser_run.open(&site.origin).await;
    let link = environment.worker.open(&format!("{}/clean-up", site.origin)).await;
    let ours = session_of(&link);

    until("the clean-up closes our session", async || {
        environment.worker.run_cron().await;
        let session = environment.browser_run.session(ours).await;
        if session["endTime"].is_u64() { Ok(()) } else { Err(session.to_string()) }
    })
    .await;
    let foreign = environment.browser_run.session(&foreign).await;
    assert!(foreign["endTime"].is_null(), "{foreign}");
    let mut tab = Cdp::behind(&foreign_link).await.unwrap();
    assert_eq!(tab.evaluate("1 + 1").await, 2);
}

/// A page of a list of a hundred foreign sessions with `ours` behind them. A foreign one ends after the first page was
/// read, so that `ours`, which would have been the first of the next page, is on none.
fn shifting_list(request: &wiremock::Request, ours: &str) -> Value {
    let number = |name: &str| {
        let (_, value) = request.url.query_pairs().find(|(key, _)| key == name).unwrap();
        value.parse::<usize>().unwrap()
    };
    let (limit, offset) = (number("limit"), number("offset"));
    let sessions = (0..100).map(|id| format!("{FOREIGN}{id}")).chain([ours.to_owned()]);
    let page = sessions.skip(usize::from(offset > 0)).skip(offset).take(limit);
    page.map(|id| json!({ "sessionId": id })).collect()
}

/// Has somebody open a page in a session of their own.
async fn open_session(upstream: &Scripted, person: Person<'_>, id: &str) {
    upstream.answer("POST /browser", session(id)).await;
    upstream.answer(&format!("PUT /browser/{id}/json/new"), target(LINK)).await;
    assert_eq!(person.open(&upstream.page(), &[("fresh", "true")]).await.session, id);
}

fn ids(listed: &Value) -> Vec<&str> {
    listed.as_array().unwrap().iter().map(|session| session["session_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_session_that_shifts_between_two_pages_of_the_list_stays_open() {
    const OURS: &str = "7f2c9a6e-3a1d-4a53-9a54-2f6f1f8b0c11";
    let upstream = scripted().await;
    let (gus, kim) = (Person::new(upstream.worker(), "gus"), Person::new(upstream.worker(), "kim"));
    open_session(&upstream, gus, OURS).await;
    let left = Arc::new(AtomicBool::new(false));
    let has_left = Arc::clone(&left);
    let about_ours = move |_: &wiremock::Request| {
        let ended = has_left.load(Ordering::Relaxed).then_some(2);
        ok(json!({ "sessionId": OURS, "connectionStartTime": 1, "connectionEndTime": ended }))
    };
    upstream.always("GET /session", |request: &wiremock::Request| ok(shifting_list(request, OURS))).await;
    upstream.always(&format!("GET /session/{OURS}"), about_ours).await;
    upstream.always(&format!("DELETE /browser/{OURS}"), ok(json!({ "status": "closing" }))).await;
    let sweep = async || kim.post("/api/sweep", json!({})).await.json(200);

    until("ours is asked for", async || {
        let report = sweep().await;
        let calls = upstream.calls().await;
        if calls.contains(&format!("GET /session/{OURS}")) { Ok(()) } else { Err(format!("{report} {calls:?}")) }
    })
    .await;
    let open = gus.get("/api/sessions?state=open").await.json(200);
    assert!(ids(&open["sessions"]).contains(&OURS), "{open}");

    left.store(true, Ordering::Relaxed);
    let report = until("ours is closed", async || {
        let report = sweep().await;
        if ids(&report["closed"]).contains(&OURS) { Ok(report) } else { Err(report.to_string()) }
    })
    .await;
    assert!(
        report["closed"].as_array().unwrap().contains(&json!({ "session_id": OURS, "caller": "gus", "why": "unused" }))
    );
    assert_eq!(report["foreign"], 100);
    let calls = upstream.calls().await;
    assert_eq!(calls.iter().filter(|call| **call == format!("DELETE /browser/{OURS}")).count(), 1);
    assert!(!calls.iter().any(|call| call.contains(FOREIGN)), "{calls:?}");
}

#[tokio::test]
async fn operators_run_the_clean_up_and_others_see_their_own_sessions() {
    const HALS: &str = "0a4f6a5c-5f0e-4a4e-8f0e-6d1f7d8c1a22";
    const IDAS: &str = "1b5f7b6d-6f1e-4b5e-9f1e-7e2f8e9d2b33";
    let upstream = scripted().await;
    let [hal, ida, kim] = ["hal", "ida", "kim"].map(|name| Person::new(upstream.worker(), name));
    open_session(&upstream, hal, HALS).await;
    open_session(&upstream, ida, IDAS).await;
    let both = [HALS, IDAS].map(|id| json!({ "sessionId": id }));
    upstream.always("GET /session", ok(json!(both))).await;
    for id in [HALS, IDAS] {
        upstream.always(&format!("DELETE /browser/{id}"), ok(json!({ "status": "closing" }))).await;
    }
    let expect_hals = |report: &Value| {
        assert_eq!(ids(&report["closed"]), [HALS], "{report}");
        assert!(report["others"]["closed"].as_u64().unwrap() >= 1, "{report}");
        assert!(!report.to_string().contains(IDAS), "{report}");
    };

    let all = until("both are unused", async || {
        let report = kim.post("/api/sweep", json!({ "dry_run": true })).await.json(200);
        let closed = ids(&report["closed"]);
        if closed.contains(&HALS) && closed.contains(&IDAS) { Ok(report) } else { Err(report.to_string()) }
    })
    .await;
    assert_eq!(all.get("others"), None, "an operator sees all: {all}");
    expect_hals(&hal.post("/api/sweep", json!({ "dry_run": true })).await.json(200));
    for body in [json!({}), json!({ "dry_run": false })] {
        let refused = hal.post("/api/sweep", body).await.problem(403, "not-an-operator");
        assert!(refused.starts_with("hal is not among the operators"), "{refused}");
    }
    answer(upstream.worker().request(Method::POST, "/api/sweep")).await.problem(403, "not-an-operator");
    assert!(!upstream.calls().await.iter().any(|call| call.starts_with("DELETE")), "nothing was closed");

    let closed = kim.post("/api/sweep", json!({})).await.json(200);
    assert!(ids(&closed["closed"]).contains(&HALS) && ids(&closed["closed"]).contains(&IDAS), "{closed}");
    assert_eq!(kim.get("/api/sweep").await.json(200), closed);
    expect_hals(&hal.get("/api/sweep").await.json(200));
}

#[tokio::test]
async fn what_is_wrong_with_other_variables_does_not_stop_the_clean_up() {
    let browser_run = BrowserRun::start("a-token-for-a-wrong-variable").await;
    let mut settings = Settings {
        secrets: vec![browser_run.secret()],
        variables: browser_run.variables().into(),
        ..Settings::default()
    };
    settings.variables.push(("MAX_SESSION_MINUTES", "0.02".to_owned()));
    let mut worker = Worker::start(&settings).await;
    let link = worker.open(&format!("{}/wrong-variable", site().await.origin)).await;
    let ours = session_of(&link);

    for (name, wrong) in [
        ("ALLOWED_HOSTS", "https://example.com/"),
        ("KEEP_ALIVE_SECONDS", "soon"),
        ("LIVE_VIEW_HOSTS", "*"),
        ("MAX_TABS", "0"),
        ("IDLE_MINUTES", "ten"),
    ] {
        settings.variables.push((name, wrong.to_owned()));
    }
    worker.kill_and_start_again_with(&settings).await;
    let refused = answer(worker.click("https://example.com/", &[])).await;
    refused.problem(503, "not-configured");
    until("the clean-up closes our session", async || {
        worker.run_cron().await;
        let session = browser_run.session(ours).await;
        if session["endTime"].is_u64() { Ok(()) } else { Err(format!("{session} {}", worker.output())) }
    })
    .await;
    let told = r#"{"sweep_goes_by_the_default":"The variable IDLE_MINUTES is `ten`"#;
    assert!(worker.output().contains(told), "{}", worker.output());
}
