//! What an operator sees: a line in the log for each request and each clean-up, and counters.

use std::collections::BTreeMap;

use prometheus_parse::{Scrape, Value as Measured};
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::{
    environment::{scripted, strict},
    people::{Answer, Person, answer},
    scripted::{Scripted, ok, session, target},
    until::until,
    worker::Worker,
};

const KIMS: &str = "5c1d3e8a-0b7f-4a1e-8f51-3d9a60c2e714";
const IDAS: &str = "c94f6b02-7e35-4d0c-b1a8-92f5d7e3a860";
const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";

/// What the Worker has logged about these events so far.
fn lines(worker: &Worker, event: &str) -> Vec<Value> {
    let (output, start) = (worker.output(), format!(r#"{{"event":"{event}""#));
    let found = output.match_indices(&start).map(|(at, _)| {
        let mut values = serde_json::Deserializer::from_str(&output[at..]).into_iter();
        values.next().unwrap().unwrap_or_else(|error| panic!("{error} in {}", &output[at..]))
    });
    found.collect()
}

/// The one line of a request, once it is written.
pub(crate) async fn line(worker: &Worker, request_id: &str) -> Value {
    let found = until("the request is logged", async || {
        let found: Vec<_> =
            lines(worker, "request").into_iter().filter(|line| line["request_id"] == request_id).collect();
        if found.is_empty() { Err(worker.output()) } else { Ok(found) }
    });
    let found = found.await;
    assert_eq!(found.len(), 1, "one line a request");
    found.into_iter().next().unwrap()
}

async fn line_of(worker: &Worker, answer: &Answer) -> Value {
    line(worker, answer.header("x-request-id")).await
}

/// Has a person's click acquire this session.
async fn acquire(upstream: &Scripted, person: Person<'_>, session_id: &str) -> Answer {
    upstream.answer("POST /browser", session(session_id)).await;
    upstream.answer(&format!("PUT /browser/{session_id}/json/new"), target(LINK)).await;
    upstream.always(&format!("DELETE /browser/{session_id}"), ok(json!({ "status": "closing" }))).await;
    person.click(&upstream.page(), &[("fresh", "true")]).await
}

#[tokio::test]
async fn an_error_page_shows_the_id_that_its_line_in_the_log_has() {
    let upstream = scripted().await;
    let page = format!("{}?key=s3cret-key", upstream.page());
    let quoting = ResponseTemplate::new(500).set_body_string(format!("cannot open {page} today"));
    upstream.answer("POST /browser", quoting).await;
    let failed = answer(upstream.worker().click(&page, &[]).header("accept", "text/html")).await;
    assert_eq!(failed.status, 502, "{failed:?}");
    let id = failed.header("x-request-id");
    assert!(id.len() == 36 && failed.body.contains(&format!("request {id}")), "{failed:?}");
    let line = line(upstream.worker(), id).await;
    assert_eq!((&line["route"], &line["status"], &line["outcome"]), (&json!("/"), &json!(502), &json!("failed")));
    assert_eq!((&line["problem"], &line["caller"]), (&json!("upstream"), &json!("anonymous")));
    assert_eq!((&line["upstream_calls"], &line["upstream_failed"]), (&json!(1), &json!("acquire refused")));
    assert!(line["acquire_ms"].is_u64() && line["total_ms"].is_u64(), "{line}");
    let error = line["error"].as_str().unwrap();
    assert!(error.contains("cannot open https://example.com today") && !line.to_string().contains("s3cret"), "{line}");
}

#[tokio::test]
async fn a_request_is_called_as_cloudflare_calls_it_and_by_nobody_else() {
    let upstream = scripted().await;
    let worker = upstream.worker();
    let asked = async |ray: &str| answer(worker.get("/s3cret").header("cf-ray", ray)).await;
    let ray = "230b030023ae2822-SJC";
    let known = asked(ray).await;
    assert_eq!((known.status, known.header("x-request-id")), (404, ray));
    assert_eq!(known.json(404)["request_id"], ray);
    let line = line(worker, ray).await;
    assert_eq!((&line["route"], &line["outcome"]), (&json!("/{url}"), &json!("invalid")));
    assert!(!line.to_string().contains("s3cret"), "{line}");
    for made_up in ["<script>", "\"},{\"event\":\"request\"", &"a".repeat(500)] {
        let id = asked(made_up).await.header("x-request-id").to_owned();
        assert!(id.len() == 36 && id != made_up, "{id}");
    }
    assert!(!worker.output().contains("<script>"));
}

#[tokio::test]
async fn clicks_previews_and_clean_ups_are_one_line_each() {
    let upstream = scripted().await;
    let (worker, kim) = (upstream.worker(), Person::new(upstream.worker(), "kim"));
    let page = upstream.page();
    let preview = answer(worker.request(Method::HEAD, &format!("/?url={page}"))).await;
    let line = line_of(worker, &preview).await;
    assert_eq!((&line["method"], &line["outcome"]), (&json!("HEAD"), &json!("preview")));

    let opened = acquire(&upstream, kim, KIMS).await;
    let line = line_of(worker, &opened).await;
    let expected = json!({
        "event": "request", "request_id": opened.header("x-request-id"), "method": "GET", "route": "/", "status": 302,
        "outcome": "acquired", "caller": "kim", "session_id": KIMS, "total_ms": line["total_ms"], "upstream_calls": 2,
        "acquire_ms": line["acquire_ms"], "open_tab_ms": line["open_tab_ms"],
    });
    assert_eq!(line, expected);

    upstream.always("GET /session", ok(json!([]))).await;
    upstream.always(&format!("GET /session/{KIMS}"), ok(json!({ "sessionId": KIMS, "endTime": 1 }))).await;
    let swept = kim.post("/api/sweep", json!({})).await;
    let request = line_of(worker, &swept).await;
    assert_eq!((&request["route"], &request["outcome"]), (&json!("/api/sweep"), &json!("answered")));
    let of_sweep = lines(worker, "clean_up").into_iter().filter(|line| line["request_id"] == request["request_id"]);
    let of_sweep: Vec<_> = of_sweep.collect();
    assert_eq!(of_sweep.len(), 1, "{of_sweep:?}");
    assert_eq!((&of_sweep[0]["trigger"], &of_sweep[0]["ended"]), (&json!("request"), &swept.json(200)["ended"]));
    assert!(of_sweep[0]["sessions_ms"].is_u64(), "{of_sweep:?}");

    let by_cron = || lines(worker, "clean_up").iter().filter(|line| line["trigger"] == "cron").count();
    let before = by_cron();
    worker.run_cron().await;
    until("the cron job is logged", async || if by_cron() > before { Ok(()) } else { Err(worker.output()) }).await;
    assert_eq!(by_cron(), before + 1, "one line a clean-up");
}

#[tokio::test]
async fn a_pages_url_is_logged_where_the_operator_says_so_alone() {
    let upstream = strict().await;
    let page = format!("{}?key=value", upstream.page());
    upstream.answer("POST /browser", ResponseTemplate::new(500).set_body_string("no")).await;
    let failed = Person::new(upstream.worker(), "sam").click(&page, &[]).await;
    assert_eq!(line_of(upstream.worker(), &failed).await["page_url"], page);
    drop(upstream);

    let upstream = scripted().await;
    upstream.answer("POST /browser", ResponseTemplate::new(500).set_body_string("no")).await;
    let failed = Person::new(upstream.worker(), "sam").click(&page, &[]).await;
    let line = line_of(upstream.worker(), &failed).await;
    assert!(line.get("page_url").is_none() && !line.to_string().contains("key=value"), "{line}");
}

/// Every sample by its name and labels.
async fn metrics(worker: &Worker) -> BTreeMap<String, f64> {
    let answered = Person::new(worker, "kim").get("/metrics").await;
    assert_eq!((answered.status, answered.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
    let scrape = Scrape::parse(answered.body.lines().map(|line| Ok(line.to_owned()))).unwrap();
    let samples = scrape.samples.into_iter().map(|sample| {
        let mut labels: Vec<_> = sample.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        labels.sort();
        let value = match sample.value {
            Measured::Counter(value) | Measured::Gauge(value) | Measured::Untyped(value) => value,
            Measured::Histogram(buckets) => buckets.last().unwrap().count,
            Measured::Summary(_) => panic!("there is none"),
        };
        (format!("{} {}", sample.metric.strip_prefix("devtools_link_").unwrap(), labels.join(",")), value)
    });
    samples.collect()
}

#[tokio::test]
async fn metrics_say_what_happened_to_operators_and_outlive_a_restart() {
    let mut upstream = scripted().await;
    let before = metrics(upstream.worker()).await;
    for name in ["hal", "ida"] {
        let refused = Person::new(upstream.worker(), name).get("/metrics").await.problem(403, "not-an-operator");
        assert!(refused.starts_with(&format!("{name} is not among the operators")), "{refused}");
    }
    answer(upstream.worker().get("/metrics")).await.problem(403, "not-an-operator");

    let opened = acquire(&upstream, Person::new(upstream.worker(), "ida"), IDAS).await;
    assert_eq!(opened.status, 302, "{opened:?}");
    upstream.answer("POST /browser", ResponseTemplate::new(500).set_body_string("no")).await;
    Person::new(upstream.worker(), "hal").click(&upstream.page(), &[("fresh", "true")]).await.problem(502, "upstream");
    let expected = [
        ("clicks_total outcome=acquired", 1.0),
        ("clicks_total outcome=failed", 1.0),
        ("upstream_duration_seconds step=acquire", 2.0),
        ("upstream_duration_seconds_count step=open_tab", 1.0),
        ("upstream_failures_total kind=refused,step=acquire", 1.0),
    ];
    let expect = |after: &BTreeMap<String, f64>| {
        let more = |name: &str| after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0);
        expected
            .iter()
            .find(|(name, count)| more(name) != *count)
            .map_or(Ok(()), |wrong| Err(format!("{wrong:?} {after:?}")))
    };
    // Nobody reads them before the ledger's object has stored them by itself.
    let failed = before.get("clicks_total outcome=failed").unwrap_or(&0.0) + 1.0;
    let row = format!(r#"{{"name":"clicks failed","count":{failed}}}"#).into_bytes();
    let is_stored = |worker: &Worker| {
        let [stored, _] = worker.state();
        stored.iter().any(|file| file.windows(row.len()).any(|part| part == row))
    };
    let worker = upstream.worker_mut();
    until("they are stored", async || if is_stored(worker) { Ok(()) } else { Err("not yet".to_owned()) }).await;
    worker.kill_and_start_again().await;
    let after = metrics(worker).await;
    expect(&after).unwrap();
    assert!(after["sessions state=open"] >= 1.0 && after["browser_seconds_today "] > 0.0, "{after:?}");
}
