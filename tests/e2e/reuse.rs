//! A known caller's clicks share a session, and nobody else's do.

use cdp_client::Cdp;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{
    environment::{guarded, rest, scripted, site},
    people::{Person, answer},
    scripted::{session, target},
    until::until,
};

const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";

#[tokio::test]
async fn a_callers_next_click_is_a_tab_in_the_same_session_unless_fresh() {
    let (environment, site) = (guarded().await, site().await);
    let (ada, bob) = (environment.person("ada"), environment.person("bob"));
    let first = ada.open(&format!("{}/reuse/1", site.origin), &[]).await;
    let second = ada.open(&format!("{}/reuse/2", site.origin), &[]).await;
    assert_eq!((&first.session, first.tab != second.tab), (&second.session, true));
    let fresh = ada.open(&format!("{}/reuse/3", site.origin), &[("fresh", "true")]).await;
    assert_ne!(fresh.session, first.session);

    let others = bob.open(&format!("{}/reuse/1", site.origin), &[]).await;
    assert!(![&first.session, &fresh.session].contains(&&others.session), "callers share nothing");

    for (tab, page) in [(&first, "/reuse/1"), (&second, "/reuse/2"), (&fresh, "/reuse/3"), (&others, "/reuse/1")] {
        Cdp::behind(&tab.link).await.unwrap().until("location.pathname", &page.into()).await;
    }
    until("the page that a session starts with is closed", async || {
        let mut tabs = environment.browser_run.tabs(&first.session).await;
        tabs.sort_by_key(|(_, url)| url.clone());
        let ids: Vec<_> = tabs.iter().map(|(id, _)| id).collect();
        if ids == [&first.tab, &second.tab] { Ok(()) } else { Err(format!("{tabs:?}")) }
    })
    .await;
}

#[tokio::test]
async fn callers_who_are_not_identified_get_a_session_for_each_click() {
    let (environment, site) = (rest().await, site().await);
    let mut sessions = Vec::new();
    for page in 1..=2 {
        let click = environment.worker.click(&format!("{}/nobody/{page}", site.origin), &[]);
        sessions.push(answer(click).await.opened(302).session);
    }
    assert_ne!(sessions[0], sessions[1]);
}

#[tokio::test]
async fn one_tab_too_many_closes_the_least_recently_clicked() {
    let (environment, site) = (guarded().await, site().await);
    let cleo = environment.person("cleo");
    let first = cleo.open(&format!("{}/tabs/1", site.origin), &[]).await;
    let second = cleo.open(&format!("{}/tabs/2", site.origin), &[]).await;
    cleo.get(&first.permalink).await.opened(302);
    let third = cleo.open(&format!("{}/tabs/3", site.origin), &[]).await;
    until("the second tab is closed", async || {
        let tabs = environment.browser_run.tabs(&first.session).await;
        let has = |id: &str| tabs.iter().any(|(tab, _)| tab == id);
        let expected = has(&first.tab) && !has(&second.tab) && has(&third.tab) && tabs.len() == 2;
        if expected { Ok(()) } else { Err(format!("{tabs:?}")) }
    })
    .await;
    let detail = cleo.get(&second.permalink).await.problem(410, "ended");
    assert!(detail.contains("no longer has this tab"), "{detail}");
}

#[tokio::test]
async fn a_session_killed_behind_our_back_is_replaced_unnoticed() {
    let (environment, site) = (guarded().await, site().await);
    let dan = environment.person("dan");
    let first = dan.open(&format!("{}/killed/1", site.origin), &[]).await;
    environment.browser_run.close(&first.session).await;
    let second = dan.open(&format!("{}/killed/2", site.origin), &[]).await;
    assert_ne!(second.session, first.session);
    Cdp::behind(&second.link).await.unwrap().until("location.pathname", &"/killed/2".into()).await;
    let killed = dan.get(&format!("/api/sessions/{}", first.session)).await.json(200);
    assert_eq!((&killed["state"], &killed["end_reason"]), (&json!("ended"), &json!("gone")));
}

#[tokio::test]
async fn who_finds_all_of_many_sessions_dead_gets_a_new_one() {
    const DEAD: u32 = 6;
    let upstream = scripted().await;
    let jon = Person::new(upstream.worker(), "jon");
    for number in 0..DEAD {
        let id = format!("dead-{number}");
        upstream.answer("POST /browser", session(&id)).await;
        upstream.answer(&format!("PUT /browser/{id}/json/new"), target(LINK)).await;
        assert_eq!(jon.open(&upstream.page(), &[("fresh", "true")]).await.session, id);
        upstream.always(&format!("PUT /browser/{id}/json/new"), ResponseTemplate::new(410)).await;
        upstream.always(&format!("DELETE /browser/{id}"), ResponseTemplate::new(410)).await;
    }
    upstream.answer("POST /browser", session("alive")).await;
    upstream.answer("PUT /browser/alive/json/new", target(LINK)).await;
    assert_eq!(jon.open(&upstream.page(), &[]).await.session, "alive");
    let ended = jon.get("/api/sessions?state=ended").await.json(200);
    assert_eq!(ended["total"], DEAD, "{ended}");
}

#[tokio::test]
async fn a_caller_out_of_capacity_gets_a_tab_in_their_own_session() {
    const OWN: &str = "5b0e0b5c-1a5f-4d0f-9c55-0d8f0b6a4f11";
    let upstream = scripted().await;
    let (eve, finn) = (Person::new(upstream.worker(), "eve"), Person::new(upstream.worker(), "finn"));
    upstream.answer("POST /browser", session(OWN)).await;
    upstream.always(&format!("PUT /browser/{OWN}/json/new"), target(LINK)).await;
    let full = ResponseTemplate::new(429).insert_header("retry-after", "7");
    upstream.always("POST /browser", full.set_body_json(json!({ "error": "Rate limit exceeded" }))).await;

    let first = eve.open(&upstream.page(), &[]).await;
    let fresh = eve.open(&upstream.page(), &[("fresh", "true")]).await;
    assert_eq!((first.session.as_str(), fresh.session.as_str()), (OWN, OWN));
    let refused = finn.click(&upstream.page(), &[]).await;
    assert!(refused.problem(503, "too-fast").contains("Rate limit exceeded"));
    assert_eq!(refused.header("retry-after"), "7");
    let new_tab = format!("PUT /browser/{OWN}/json/new");
    assert_eq!(upstream.calls().await, ["POST /browser", &new_tab, "POST /browser", &new_tab, "POST /browser"]);
}
