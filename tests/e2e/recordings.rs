//! Recordings: asked for in every form, passed on without secrets, and only to whom they are for.

use reqwest::Method;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{
    environment::{binding, guarded, scripted, site},
    people::{Opened, Person, answer},
    recorded::{Large, events, har, recording},
    scripted::{SESSION, Scripted, TARGET, ok, session, target},
    until::until,
};

const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";
const MIB: usize = 1 << 20;

fn events_path() -> String {
    format!("/api/sessions/{SESSION}/recording")
}

fn har_path() -> String {
    format!("/api/sessions/{SESSION}/tabs/{TARGET}/har")
}

/// Has the next click get a browser, and the next close end it.
pub(crate) async fn gives_a_browser(scripted: &Scripted) {
    scripted.acquires().await;
    scripted.answer(&format!("PUT /browser/{SESSION}/json/new"), target(LINK)).await;
    scripted.answer(&format!("DELETE /browser/{SESSION}"), ok(json!({ "status": "closed" }))).await;
}

/// Closes a session of everybody's.
pub(crate) async fn closes(scripted: &Scripted, session: &str) {
    let path = format!("/api/sessions/{session}");
    assert_eq!(answer(scripted.worker().request(Method::DELETE, &path)).await.status, 204);
}

/// Has somebody open a browser that is recorded, and close it.
async fn opened_and_closed(scripted: &Scripted, who: Person<'_>, options: &[(&str, &str)]) -> Opened {
    gives_a_browser(scripted).await;
    let opened = who.open(&scripted.page(), options).await;
    assert_eq!(who.delete(&format!("/api/sessions/{SESSION}")).await.status, 204);
    opened
}

#[tokio::test]
async fn a_recording_is_asked_for_in_every_form() {
    let scripted = scripted().await;
    let ada = Person::new(scripted.worker(), "ada");
    for (options, recorded) in [(&[("recording", "")][..], true), (&[("recording", "false")], false), (&[], false)] {
        opened_and_closed(&scripted, ada, options).await;
        assert_eq!(scripted.last_acquisition().await.contains("recording=true"), recorded, "{options:?}");
        let shown = ada.get(&format!("/api/sessions/{SESSION}")).await.json(200);
        assert_eq!(shown["recording"], recorded, "the ledger remembers it");
    }

    gives_a_browser(&scripted).await;
    let body = json!({ "url": scripted.page(), "recording": true });
    ada.post("/api/sessions", body).await.json(201);
    assert!(scripted.last_acquisition().await.contains("recording=true"));
    assert_eq!(ada.delete(&format!("/api/sessions/{SESSION}")).await.status, 204);

    let made = ada.post("/api/links", json!({ "url": scripted.page(), "recording": true })).await.json(201);
    assert_eq!(ada.get("/api/links").await.json(200)["links"][0]["recording"], true);
    gives_a_browser(&scripted).await;
    let link = made["link"].as_str().unwrap().strip_prefix(&scripted.worker().origin).unwrap();
    answer(scripted.worker().get(link)).await.opened(302);
    assert!(scripted.last_acquisition().await.contains("recording=true"));
}

#[tokio::test]
async fn who_did_not_ask_is_not_recorded_in_who_did() {
    let scripted = scripted().await;
    let bob = Person::new(scripted.worker(), "bob");
    let other = "0c7b4c1e-0f5e-4d0c-8a6e-1c6f7f1d2a33";
    gives_a_browser(&scripted).await;
    bob.open(&scripted.page(), &[]).await;
    scripted.answer("POST /browser", session(other)).await;
    scripted.answer(&format!("PUT /browser/{other}/json/new"), target(LINK)).await;
    let recorded = bob.open(&scripted.page(), &[("recording", "")]).await;
    assert_eq!(recorded.session, other);
    scripted.answer(&format!("PUT /browser/{SESSION}/json/new"), target(LINK)).await;
    assert_eq!(bob.open(&scripted.page(), &[]).await.session, SESSION);
    for id in [SESSION, other] {
        scripted.answer(&format!("DELETE /browser/{id}"), ok(json!({ "status": "closed" }))).await;
        bob.delete(&format!("/api/sessions/{id}")).await;
    }
}

#[tokio::test]
async fn where_there_is_no_recording_it_says_why() {
    let scripted = scripted().await;
    let ada = Person::new(scripted.worker(), "ada");
    opened_and_closed(&scripted, ada, &[]).await;
    for path in [events_path(), har_path()] {
        ada.get(&path).await.problem(404, "not-recorded");
    }
    assert!(ada.get(&format!("/s/{SESSION}")).await.json(410)["recording"].is_null());

    let opened = opened_and_closed(&scripted, ada, &[("recording", "")]).await;
    let ended = ada.get(&opened.permalink).await.json(410);
    assert_eq!((&ended["recording"], &ended["har"]), (&events_path().into(), &har_path().into()));
    scripted.answer(&format!("/recording/{SESSION}"), ResponseTemplate::new(404)).await;
    let pending = ada.get(&events_path()).await;
    assert_eq!(pending.header("retry-after"), "3");
    pending.problem(404, "recording-pending");
    scripted.answer(&format!("/recording/{SESSION}"), ok(recording(&[]))).await;
    assert_eq!(ada.get(&events_path()).await.json(200), recording(&[]));
    scripted.answer(&format!("/recording/{SESSION}"), ResponseTemplate::new(500).set_body_string("boom")).await;
    ada.get(&events_path()).await.problem(502, "upstream");
    for tab in ["a%2F..%2Fb", ""] {
        ada.get(&format!("/api/sessions/{SESSION}/tabs/{tab}/har")).await.problem(404, "not-found");
    }
    answer(ada.request(Method::POST, &events_path())).await.problem(405, "method-not-allowed");
    let head = answer(ada.request(Method::HEAD, &events_path())).await;
    assert!(head.body.is_empty(), "{head:?}");
}

#[tokio::test]
async fn a_binding_records_by_default_but_reads_no_recordings() {
    let (environment, site) = (binding().await, site().await);
    // Where RECORD says so, and the link does not.
    for (options, status, kind) in
        [(&[][..], 501, "recording-unreadable"), (&[("recording", "false")], 404, "not-recorded")]
    {
        let opened = answer(environment.worker.click(&format!("{}/bound", site.origin), options)).await.opened(302);
        environment.browser_run.close(&opened.session).await;
        let path = format!("/api/sessions/{}/recording", opened.session);
        answer(environment.worker.get(&path)).await.problem(status, kind);
        assert!(answer(environment.worker.get(&opened.permalink)).await.json(410)["recording"].is_null());
    }
    let home = answer(environment.worker.get("/").header("accept", "text/html")).await.body;
    assert!(home.contains("name=\"recording\" value=\"false\"") && !home.contains("Recordings"), "{home}");
}

#[tokio::test]
async fn a_recording_is_passed_on_without_secrets_and_whole_to_its_own_caller() {
    let scripted = scripted().await;
    let (ada, bob) = (Person::new(scripted.worker(), "ada"), Person::new(scripted.worker(), "bob"));
    opened_and_closed(&scripted, ada, &[("recording", "")]).await;
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzM2NyZXQtand0IjoxfQ.c2lnbmF0dXJl";
    let url = format!("https://e.com/?a=1&access_token=s3cret-token&live={jwt}&link=/l/1.k.s3cret-link.mac&z=2");
    let headers = [("Cookie", "sid=s3cret-cookie"), ("authorization", "Bearer s3cret-bearer"), ("accept", "kept")];
    scripted.always(&format!("/recording/{SESSION}/network"), ok(har(&url, &headers))).await;
    for who in [ada, bob] {
        let answer = who.get(&har_path()).await;
        let disposition = answer.header("content-disposition").to_owned();
        assert_eq!(disposition, format!("attachment; filename=\"{TARGET}.har\""));
        let entry = answer.json(200)["log"]["entries"][0].take();
        let told = entry.to_string();
        assert!(!told.contains("s3cret") && !told.contains(jwt), "{told}");
        let request = &entry["request"];
        assert_eq!(request["headers"][2], json!({ "name": "accept", "value": "kept" }));
        assert_eq!(request["headers"][0], json!({ "name": "Cookie", "value": "[redacted]" }));
        assert!(request["url"].as_str().unwrap().ends_with("&z=2"), "{told}");
        assert_eq!(entry["response"]["content"]["text"], "kept");
    }
    let raw = ada.get(&format!("{}?raw", har_path())).await.json(200).to_string();
    for kept in ["s3cret-cookie", "s3cret-bearer", "s3cret-token", "s3cret-that-is-set"] {
        assert!(raw.contains(kept), "{kept} in {raw}");
    }
    assert!(!raw.contains(jwt) && !raw.contains("s3cret-link"), "{raw}");
    bob.get(&format!("{}?raw", har_path())).await.problem(403, "not-yours");
    assert_eq!(scripted.last_query("/network").await, format!("target={TARGET}&format=har"));

    let text = format!("see https://e.com/?jwt={jwt} or https://w.dev/l/1.k.s3cret-link.mac");
    let shown = events("https://e.com/?session_token=s3cret-token#a", json!([]), json!([]), &[], &text);
    scripted.always(&format!("/recording/{SESSION}"), ok(recording(&[(TARGET, shown)]))).await;
    let told = bob.get(&events_path()).await.json(200);
    assert_eq!(told["result"]["events"][TARGET].as_array().unwrap().len(), 3);
    assert!(!told.to_string().contains("s3cret") && !told.to_string().contains(jwt), "{told}");
}

#[tokio::test]
async fn a_stranger_gets_nothing_and_a_links_holder_what_was_opened_for_them() {
    let (environment, site) = (guarded().await, site().await);
    let (wes, worker) = (environment.person("wes"), &environment.worker);
    let asked = json!({ "url": format!("{}/held", site.origin), "recording": true });
    let link = wes.post("/api/links", asked).await.json(201);
    let path = link["link"].as_str().unwrap().strip_prefix(&worker.origin).unwrap();
    let browser = "devtools-link-1909cef7-23e8-4394-bc31-27404bf4348f=1";
    let pressed = answer(worker.request(Method::POST, path).header("cookie", browser)).await;
    let opened = pressed.opened(303);
    let pass = pressed.header("set-cookie").split(';').next().unwrap();
    let shown = answer(worker.get(path).header("user-agent", "Twitterbot/1.0").header("cookie", pass)).await.body;
    assert!(shown.contains(&format!("its recording is <a href=\"/s/{}\">", opened.session)), "{shown}");
    let home = answer(worker.get("/").header("accept", "text/html").header("cookie", pass)).await.body;
    assert!(home.contains("Sign in") && home.contains(&format!("<a href=\"/s/{}\">", opened.session)), "{home}");
    environment.browser_run.is_old_enough_to_be_recorded(&opened.session).await;
    assert_eq!(wes.delete(&format!("/api/sessions/{}", opened.session)).await.status, 204);

    let by = |path: &str, cookie: &str| answer(worker.get(path).header("cookie", cookie));
    let of = |session: &str| [format!("/s/{session}"), format!("/api/sessions/{session}/recording")];
    let [permalink, events] = of(&opened.session);
    let har = format!("/api/sessions/{}/tabs/{}/har", opened.session, opened.tab);
    let forged = [String::new(), browser.to_owned(), format!("{pass}x"), pass.replace('=', "=A")];
    for (path, cookie) in
        [&permalink, &events, &har].into_iter().flat_map(|path| forged.iter().map(move |by| (path, by)))
    {
        by(path, cookie).await.problem(401, "unauthorized");
    }
    for path in of("0c7b4c1e-0f5e-4d0c-8a6e-1c6f7f1d2a33").iter().map(String::as_str).chain(["/api/sessions", "/"]) {
        by(path, pass).await.problem(401, "unauthorized");
    }
    by(&permalink, pass).await.problem(410, "ended");
    let told = until("there is a recording", async || {
        let answer = by(&events, pass).await;
        if answer.status == 200 { Ok(answer.json(200)) } else { Err(answer.body) }
    });
    assert!(told.await["result"]["events"][&opened.tab].is_array());
    by(&format!("{events}?raw"), pass).await.problem(403, "not-yours");
    answer(worker.request(Method::POST, &permalink).header("cookie", pass)).await.problem(403, "not-yours");

    assert_eq!(wes.delete(&format!("/api/links/{}", link["id"].as_str().unwrap())).await.status, 204);
    by(&events, pass).await.problem(410, "link-revoked");
    assert_eq!(wes.get(&events).await.status, 200);
}

#[tokio::test]
async fn a_hundred_mib_pass_through_while_they_come() {
    const SIZE_MIB: usize = 100;
    const END: &str = r#"{"type":3}]}}"#;
    let scripted = scripted().await;
    let ada = Person::new(scripted.worker(), "ada");
    opened_and_closed(&scripted, ada, &[("recording", "")]).await;
    let large = Large::start(SIZE_MIB).await;
    scripted.switch_to(&large.origin);
    let mut answer = ada.request(Method::GET, &events_path()).send().await.unwrap();
    let (mut bytes, mut end) = (0, Vec::new());
    while let Some(chunk) = answer.chunk().await.unwrap() {
        let before = bytes / MIB;
        bytes += chunk.len();
        large.arrived(bytes / MIB - before);
        end.extend_from_slice(&chunk);
        end.drain(..end.len().saturating_sub(END.len()));
    }
    assert_eq!((bytes, String::from_utf8(end).unwrap().as_str()), (SIZE_MIB * MIB, END));
}
