//! How much one caller, and all together, may open.

use serde_json::json;

use crate::{
    environment::{guarded, site, strict},
    people::{Person, answer},
    scripted::{SESSION, ok, target},
    until::until,
};

/// Checks that a click was one too many; answers in how many seconds to come back.
fn retry_after(refused: &crate::people::Answer, kind: &str, setting: &str) -> u64 {
    let detail = refused.problem(429, kind);
    assert!(detail.contains(setting), "{detail}");
    refused.header("retry-after").parse().unwrap()
}

#[tokio::test]
async fn one_session_too_many_is_a_429_until_another_is_closed() {
    let (environment, site) = (guarded().await, site().await);
    let kim = environment.person("kim");
    let click = async |page: u32| kim.click(&format!("{}/limits/{page}", site.origin), &[("fresh", "true")]).await;
    let first = click(1).await.opened(302);
    click(2).await.opened(302);
    let refused = click(3).await;
    assert!(retry_after(&refused, "caller-sessions", "kim has 2 sessions open already (MAX_SESSIONS_PER_CALLER)") > 0);
    assert_eq!(kim.delete(&format!("/api/sessions/{}", first.session)).await.status, 204);
    click(3).await.opened(302);
}

#[tokio::test]
async fn one_page_too_many_within_a_minute_is_a_429_that_says_when() {
    let (environment, site) = (guarded().await, site().await);
    let nora = environment.person("nora");
    let click = async |page: u32| nora.click(&format!("{}/opens/{page}", site.origin), &[]).await;
    for page in 1..=4 {
        click(page).await.opened(302);
    }
    click(4).await.opened(302);
    let seconds =
        retry_after(&click(5).await, "caller-opens", "nora has opened 4 pages within a minute (MAX_OPENS_PER_MINUTE)");
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn confirmed_links_confined_browsers_and_a_days_minutes() {
    const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";
    let mut upstream = strict().await;
    let ada = Person::new(upstream.worker(), "ada");
    let made = ada.post("/api/links", json!({ "url": "https://www.example.com/" })).await.json(201);
    let path = made["link"].as_str().unwrap().strip_prefix(&upstream.worker().origin).unwrap();
    assert_eq!(answer(upstream.worker().get(path)).await.status, 200, "CONFIRM_LINKS");
    let outside = ada.click("https://example.org/", &[]).await.problem(403, "host-refused");
    assert!(
        outside.contains("the host `example.org` is not among those whose pages may be opened here (ALLOWED_HOSTS)"),
        "{outside}"
    );
    assert!(upstream.calls().await.is_empty());

    upstream.acquires().await;
    upstream.always(&format!("PUT /browser/{SESSION}/json/new"), target(LINK)).await;
    answer(upstream.worker().request(reqwest::Method::POST, path)).await.opened(303);
    let guardrails = json!({ "guardrails": { "allowedDomains": ["example.com", "*.example.com"] } });
    assert_eq!(upstream.body("/browser").await, guardrails);

    let refused = until("the day's minutes are over", async || {
        let answered = ada.click(&upstream.page(), &[("fresh", "true")]).await;
        if answered.status == 429 { Ok(answered) } else { Err(format!("{answered:?}")) }
    })
    .await;
    assert!((1..=86_400).contains(&retry_after(&refused, "browser-time", "MAX_BROWSER_MINUTES_PER_DAY")));

    // What has ended counts on, after clean-ups that keep no history and a restart.
    let close = format!("DELETE /browser/{SESSION}");
    upstream.always(&close, ok(json!({ "status": "closed" }))).await;
    until("the clean-up closes the session", async || {
        upstream.worker().run_cron().await;
        let calls = upstream.calls().await;
        if calls.contains(&close) { Ok(()) } else { Err(format!("{calls:?}")) }
    })
    .await;
    upstream.worker().run_cron().await;
    upstream.worker_mut().kill_and_start_again().await;
    let ada = Person::new(upstream.worker(), "ada");
    ada.click(&upstream.page(), &[]).await.problem(429, "browser-time");
}
