//! Permalinks: what one puts into a bug report.

use cdp_client::Cdp;
use serde_json::json;

use crate::{
    browser_run::session_of,
    environment::{guarded, rest, site},
    people::answer,
    until::until,
};

#[tokio::test]
async fn a_permalink_leads_to_its_tab_or_to_the_one_clicked_last() {
    let (environment, site) = (guarded().await, site().await);
    let gus = environment.person("gus");
    let first = gus.open(&format!("{}/permalink/1", site.origin), &[]).await;
    let second = gus.open(&format!("{}/permalink/2", site.origin), &[("mode", "tab")]).await;
    for (path, tab) in [(&first.permalink, &first), (&second.permalink, &second), (&first.permalink, &first)] {
        let again = gus.get(path).await.opened(302);
        assert_eq!(&again.permalink, path);
        assert_ne!(again.link, tab.link, "it was made now");
        let mut again = Cdp::behind(&again.link).await.unwrap();
        let page = if tab == &first { "/permalink/1" } else { "/permalink/2" };
        again.until("location.pathname", &page.into()).await;
    }
    let of_session = gus.get(&format!("/s/{}", first.session)).await.opened(302);
    assert_eq!(of_session.permalink, first.permalink);
    assert!(second.link.contains("mode=tab") && gus.get(&second.permalink).await.opened(302).link.contains("mode=tab"));

    for path in [format!("{}/", first.permalink), format!("/s/{}/", first.session)] {
        assert_eq!(gus.get(&path).await.opened(302).permalink, first.permalink, "a slash at the end is none of its id");
    }
    let upper = format!("/s/{}", first.session.to_uppercase());
    assert_eq!(gus.get(&upper).await.opened(302).permalink, first.permalink, "a UUID is the same in upper case");

    let pressed = answer(gus.request(reqwest::Method::POST, &first.permalink)).await.opened(303);
    assert_eq!(
        pressed.permalink, first.permalink,
        "the button of a permalink's preview leads where the permalink does"
    );

    let stranger = answer(environment.worker.get(&first.permalink)).await;
    stranger.problem(401, "unauthorized");
    gus.get("/s/00000000-0000-4000-8000-000000000000").await.problem(404, "not-found");
}

#[tokio::test]
async fn a_permalink_after_the_end_tells_its_owner_all_and_others_the_host() {
    let (environment, site) = (guarded().await, site().await);
    let hal = environment.person("hal");
    let page = format!("{}/ended", site.origin);
    let ended = hal.open(&page, &[]).await;
    assert_eq!(hal.delete(&format!("/api/sessions/{}", ended.session)).await.status, 204);

    let session = hal.get(&format!("/api/sessions/{}", ended.session)).await.json(200);
    let ended_at = session["ended_at"].as_str().unwrap()[..16].replace('T', " at ");
    for path in [&ended.permalink, &format!("/s/{}", ended.session)] {
        let detail = hal.get(path).await.problem(410, "ended");
        assert_eq!(detail, format!("the browser on {page} was closed on request, {ended_at} UTC"));
    }
    let gus = environment.person("gus");
    let detail = gus.get(&ended.permalink).await.problem(410, "ended");
    assert_eq!(
        detail,
        format!("the browser on 127.0.0.1 was closed on request, {ended_at} UTC"),
        "others see the host"
    );
    let shown = answer(gus.request(reqwest::Method::GET, &ended.permalink).header("accept", "text/html")).await;
    assert!(shown.status == 410 && !shown.body.contains("/ended") && !shown.body.contains("<form"), "{shown:?}");
    answer(gus.request(reqwest::Method::POST, &ended.permalink)).await.problem(403, "not-yours");
    assert!(!gus.get("/api/sessions").await.body.contains("/ended"), "nothing of it is copied into their list");

    let again = answer(hal.request(reqwest::Method::POST, &ended.permalink)).await.opened(303);
    assert_ne!(again.session, ended.session);
    Cdp::behind(&again.link).await.unwrap().until("location.href", &json!(page)).await;
}

#[tokio::test]
async fn a_session_that_ended_behind_our_back_has_browser_runs_own_reason() {
    let (environment, site) = (guarded().await, site().await);
    let ida = environment.person("ida");
    let killed = ida.open(&format!("{}/behind-our-back", site.origin), &[]).await;
    environment.browser_run.close(&killed.session).await;
    let reason = environment.browser_run.session(&killed.session).await["closeReasonText"].clone();
    let detail = ida.get(&killed.permalink).await.problem(410, "ended");
    assert!(detail.contains(&format!("has ended ({})", reason.as_str().unwrap())), "{detail}");
}

#[tokio::test]
async fn the_button_of_an_ended_session_opens_its_page_again_in_a_real_browser() {
    let (environment, site) = (rest().await, site().await);
    let page = format!("{}/button", site.origin);
    let ended = answer(environment.worker.click(&page, &[])).await.opened(302);
    environment.browser_run.close(&ended.session).await;

    let (_, visitor) = environment.browser_run.open(&format!("{}{}", environment.worker.origin, ended.permalink)).await;
    let mut visitor = Cdp::behind(&visitor).await.unwrap();
    visitor.until("document.querySelector('h1')?.textContent", &json!("This browser has ended")).await;
    visitor.evaluate("document.querySelector('button').click()").await;
    let link = until("the button leads to DevTools", async || {
        let location = visitor.evaluate("location.href").await;
        let location = location.as_str().unwrap_or_default().to_owned();
        if location.contains("/ui/") { Ok(location) } else { Err(location) }
    })
    .await;
    assert_ne!(session_of(&link), ended.session);
    until("the same page is open again", async || {
        let tabs = environment.browser_run.tabs(session_of(&link)).await;
        if tabs.iter().any(|(_, url)| *url == page) { Ok(()) } else { Err(format!("{tabs:?}")) }
    })
    .await;
}
