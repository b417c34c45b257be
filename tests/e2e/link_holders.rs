//! Who follows a signed link: each browser gets one of ours, they are the link's maker's, and a revocation is final.

use std::{sync::Mutex, time::Duration};

use futures_util::future::join;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::{
    environment::{guarded, scripted, site},
    people::{Answer, Person, answer},
    scripted::{SESSION, Scripted, ok, session, target},
    signed_links::make,
    until::until,
    worker::Worker,
};

const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";
/// What all of them send: by this nobody is told apart.
const AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

/// A person's browser, with or without a cookie jar.
struct Browser<'a> {
    worker: &'a Worker,
    /// `name=value`, oldest first, as browsers send them.
    cookies: Option<Mutex<Vec<String>>>,
}

impl<'a> Browser<'a> {
    fn new(worker: &'a Worker) -> Self {
        Self { worker, cookies: Some(Mutex::default()) }
    }

    fn without_cookies(worker: &'a Worker) -> Self {
        Self { worker, cookies: None }
    }

    /// Clicks a link for its redirect alone, and follows it as long as it leads back to the Worker. Answers where that was last, too.
    async fn click(&self, path: &str) -> (String, Answer) {
        let wait = if path.contains('?') { "" } else { "?wait=redirect" };
        let mut path = format!("{path}{wait}");
        loop {
            let answer = answer(self.navigation(&path)).await;
            if let Some(jar) = &self.cookies
                && let Some((cookie, attributes)) = answer.header("set-cookie").split_once("; ")
            {
                let (link, _) = path.split_once('?').unwrap_or((&path, ""));
                assert_eq!(attributes, format!("Path={link}; Max-Age=3600; HttpOnly; SameSite=Lax"));
                jar.lock().unwrap().push(cookie.to_owned());
            }
            match answer.header("location") {
                back if back.starts_with('/') => path = back.to_owned(),
                _ => return (path, answer),
            }
        }
    }

    fn navigation(&self, path: &str) -> RequestBuilder {
        let cookies = self.cookies.as_ref().map(|jar| jar.lock().unwrap().join("; ")).unwrap_or_default();
        let request = self.worker.get(path).header("user-agent", AGENT).header("cookie", cookies);
        let headers = [("site", "cross-site"), ("mode", "navigate"), ("dest", "document"), ("user", "?1")];
        headers.into_iter().fold(request, |request, (name, value)| request.header(format!("sec-fetch-{name}"), value))
    }
}

#[tokio::test]
async fn each_browser_gets_one_of_its_own_however_often_it_clicks() {
    let (environment, site) = (guarded().await, site().await);
    let (sam, worker) = (environment.person("sam"), &environment.worker);
    // More than the limits of its maker: MAX_SESSIONS_PER_CALLER is 2, MAX_OPENS_PER_MINUTE 4.
    let page = format!("{}/holders", site.origin);
    let (_, path) = make(sam, json!({ "url": page, "max_opens": 5 })).await;
    let (one, other, careful) = (Browser::new(worker), Browser::new(worker), Browser::without_cookies(worker));
    let ((_, first), (_, second)) = join(one.click(&path), one.click(&path)).await;
    let (first, second) = (first.opened(302), second.opened(302));
    assert_eq!(first.permalink, second.permalink, "a double click, even if it opens two tabs at once");
    assert_eq!(one.click(&path).await.1.opened(302).permalink, first.permalink, "a reload");
    let others = other.click(&path).await.1.opened(302);
    let (marked, cautious) = careful.click(&path).await;
    let cautious = cautious.opened(302);
    assert_eq!(careful.click(&marked).await.1.opened(302).permalink, cautious.permalink, "a reload without cookies");

    let program = answer(worker.get(&path)).await;
    let (cookie, _) = program.header("set-cookie").split_once(';').unwrap();
    let again = answer(worker.get(&path).header("cookie", cookie)).await.opened(302);
    let program = program.opened(302);
    assert_eq!(again.permalink, program.permalink, "a program that keeps cookies");
    let another = answer(worker.get(&path).header("cookie", "devtools-link-me=1")).await.opened(302);
    let mut sessions = [&first, &others, &cautious, &program, &another].map(|opened| &opened.session).to_vec();
    sessions.sort();
    sessions.dedup();
    assert_eq!(sessions.len(), 5);
    let (_, refused) = Browser::new(worker).click(&path).await;
    refused.problem(410, "link-used-up");
}

#[tokio::test]
async fn a_link_for_one_browser_survives_a_double_click() {
    let (environment, site) = (guarded().await, site().await);
    let (_, path) =
        make(environment.person("sam"), json!({ "url": format!("{}/twice", site.origin), "max_opens": 1 })).await;
    let browser = Browser::new(&environment.worker);
    let ((_, first), (_, second)) = join(browser.click(&path), browser.click(&path)).await;
    assert_eq!(first.opened(302).permalink, second.opened(302).permalink);
    Browser::new(&environment.worker).click(&path).await.1.problem(410, "link-used-up");
}

#[tokio::test]
async fn what_a_link_opened_is_its_makers_to_see_and_to_close_and_nobody_elses() {
    let (environment, site) = (guarded().await, site().await);
    let (tess, sam) = (environment.person("tess"), environment.person("sam"));
    let page = format!("{}/makers", site.origin);
    let (id, path) = make(tess, json!({ "url": page })).await;
    let opened = answer(environment.worker.get(&path)).await.opened(302);
    let other = answer(environment.worker.get(&path)).await.opened(302);
    let shown = |session: &Value| session["link_id"] == *id && session["caller"] == "tess" && session["url"] == page;
    let listed = tess.get("/api/sessions?state=open").await.json(200);
    assert_eq!(listed["sessions"].as_array().unwrap().iter().filter(|session| shown(session)).count(), 2, "{listed}");
    let session = format!("/api/sessions/{}", opened.session);
    assert!(shown(&tess.get(&session).await.json(200)));
    assert_ne!(tess.open(&page, &[]).await.session, opened.session, "their own clicks have a browser of their own");
    sam.get(&session).await.problem(404, "not-found");
    sam.delete(&format!("/api/links/{id}?close")).await.problem(404, "not-found");
    assert_eq!(tess.delete(&session).await.status, 204);
    assert!(environment.browser_run.session(&opened.session).await["endTime"].is_u64());

    assert_eq!(tess.delete(&format!("/api/links/{id}")).await.status, 204);
    assert!(environment.browser_run.session(&other.session).await["endTime"].is_null(), "unless it is asked for");
    assert_eq!(tess.delete(&format!("/api/links/{id}?close")).await.status, 204);
    assert!(environment.browser_run.session(&other.session).await["endTime"].is_u64());
    let detail = tess.get(&other.permalink).await.problem(410, "ended");
    assert!(detail.contains(&format!("the browser on {page} was closed when its link was revoked")), "{detail}");
    let detail = sam.get(&other.permalink).await.problem(410, "ended");
    assert!(detail.starts_with("the browser on 127.0.0.1 was closed"), "{detail}");
    answer(environment.worker.get(&path)).await.problem(410, "link-revoked");
}

/// Waits until the last call so far is this one.
async fn called(upstream: &Scripted, call: &str) {
    until("the upstream is called", async || {
        let calls = upstream.calls().await;
        if calls.last().is_some_and(|last| last == call) { Ok(()) } else { Err(format!("{calls:?}")) }
    })
    .await;
}

#[tokio::test]
async fn a_click_under_way_does_not_get_through_when_its_link_is_revoked() {
    let (acquire, new_tab, close) =
        ("POST /browser", format!("PUT /browser/{SESSION}/json/new"), format!("DELETE /browser/{SESSION}"));
    for (slow, query) in [(acquire, ""), (new_tab.as_str(), ""), (acquire, "?close"), (new_tab.as_str(), "?close")] {
        let upstream = scripted().await;
        let ada = Person::new(upstream.worker(), "ada");
        let (id, path) = make(ada, json!({ "url": upstream.page() })).await;
        let late = |call: &str, answer: ResponseTemplate| {
            if call == slow { answer.set_delay(Duration::from_secs(1)) } else { answer }
        };
        upstream.answer(acquire, late(acquire, session(SESSION))).await;
        upstream.answer(&new_tab, late(&new_tab, target(LINK))).await;
        upstream.always(&close, ok(json!({ "status": "closing" }))).await;
        let following = tokio::spawn(answer(upstream.worker().get(&path)));
        called(&upstream, slow).await;
        assert_eq!(ada.delete(&format!("/api/links/{id}{query}")).await.status, 204);
        following.await.unwrap().problem(410, "link-revoked");
        let calls = upstream.calls().await;
        assert_eq!(calls.last(), Some(&close), "{slow} {query}: {calls:?}");
        let session = ada.get(&format!("/api/sessions/{SESSION}")).await.json(200);
        assert_eq!((&session["state"], &session["end_reason"]), (&json!("ended"), &json!("link_revoked")));
    }
}

#[tokio::test]
async fn whoever_waits_for_a_links_last_browser_gets_it_when_one_fails() {
    let upstream = scripted().await;
    let (_, path) =
        make(Person::new(upstream.worker(), "ada"), json!({ "url": upstream.page(), "max_opens": 1 })).await;
    upstream.answer("POST /browser", ResponseTemplate::new(500).set_delay(Duration::from_secs(1))).await;
    // Not the session of other tests: one that the ledger knows counts for no link a second time.
    let own = "5d1c7b0e-9a3f-4c52-8f7d-0a64c1b2e3f9";
    upstream.answer("POST /browser", session(own)).await;
    upstream.answer(&format!("PUT /browser/{own}/json/new"), target(LINK)).await;
    let follow = || tokio::spawn(answer(upstream.worker().get(&path)));
    let first = follow();
    called(&upstream, "POST /browser").await;
    let (second, third) = join(follow(), follow()).await;
    first.await.unwrap().problem(502, "upstream");
    let waited = [second.unwrap(), third.unwrap()];
    let (opened, refused): (Vec<_>, Vec<_>) = waited.iter().partition(|answer| answer.status == 302);
    assert_eq!((opened.len(), refused.len()), (1, 1), "{waited:?}");
    refused[0].problem(410, "link-used-up");
    let calls = upstream.calls().await;
    assert_eq!(calls.iter().filter(|call| *call == "POST /browser").count(), 2, "{calls:?}");
}
