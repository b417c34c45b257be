//! A click that is recorded, in real browsers, from the first key to the replay.

use std::collections::BTreeSet;

use cdp_client::Cdp;
use serde_json::{Value, json};

use crate::{
    environment::{Guarded, guarded, site},
    people::{Opened, Person, answer, token_of},
    replay::TO_THE_END,
    until::until,
};

/// All of the text of the page that is played.
const PLAYED: &str = "document.querySelector('#replay iframe')?.contentDocument?.body?.textContent ?? ''";

/// A tab is blank for a moment.
async fn loads(tab: &mut Cdp, path: &str) {
    tab.until("location.pathname + document.readyState", &json!(format!("{path}complete"))).await;
}

/// Changes what a page says.
async fn says(page: &mut Cdp, words: &str) {
    page.evaluate(&format!("document.querySelector('p').textContent = '{words}'")).await;
}

/// Somebody with a browser of their own, at a permalink.
async fn follow(environment: &Guarded, name: &str, permalink: &str) -> Cdp {
    let (_, link) = environment.browser_run.open("about:blank").await;
    let mut visitor = Cdp::behind(&link).await.unwrap();
    visitor.call("Network.enable", json!({})).await;
    let headers = json!({ "headers": { "authorization": format!("Bearer {}", token_of(name)) } });
    visitor.call("Network.setExtraHTTPHeaders", headers).await;
    let url = format!("{}{permalink}", environment.worker.origin);
    visitor.call("Page.navigate", json!({ "url": url })).await;
    visitor
}

async fn plays(visitor: &mut Cdp, words: &str) {
    visitor.until(&format!("({TO_THE_END}, ({PLAYED}).includes('{words}'))"), &json!(true)).await;
}

/// What a tab's HAR lists of a site, without the site's origin.
async fn listed(who: &Person<'_>, tab: &Opened, origin: &str) -> Vec<String> {
    let path = format!("/api/sessions/{}/tabs/{}/har", tab.session, tab.tab);
    let har = until("there is a HAR", async || {
        let answer = who.get(&path).await;
        if answer.status == 200 { Ok(answer.json(200)) } else { Err(answer.body) }
    })
    .await;
    let urls = har["log"]["entries"].as_array().unwrap().iter().map(|entry| entry["request"]["url"].as_str().unwrap());
    urls.filter_map(|url| url.strip_prefix(origin)).map(str::to_owned).collect()
}

async fn recording(who: &Person<'_>, session: &str) -> Value {
    let path = format!("/api/sessions/{session}/recording");
    until("there is a recording", async || {
        let answer = who.get(&path).await;
        if answer.status == 200 { Ok(answer.json(200)) } else { Err(answer.body) }
    })
    .await
}

#[tokio::test]
async fn a_permalink_shows_what_happened_in_each_tab_but_not_what_was_typed() {
    let (environment, site) = (guarded().await, site().await);
    let tess = environment.person("tess");
    let url = |path: &str| format!("{}/recorded/{path}", site.origin);
    let first = tess.open(&url("first"), &[("recording", "")]).await;
    let mut page = Cdp::behind(&first.link).await.unwrap();
    loads(&mut page, "/recorded/first").await;
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input id=field>'); field.focus()").await;
    page.call("Input.insertText", json!({ "text": "what-is-typed" })).await;
    page.evaluate("location.href = '/recorded/next'").await;
    loads(&mut page, "/recorded/next").await;
    page.evaluate("fetch('/recorded/asked-for').then(() => (window.answered = true))").await;
    page.until("window.answered", &json!(true)).await;
    says(&mut page, "the last words of the first tab").await;
    let second = tess.open(&url("second"), &[("recording", "")]).await;
    assert_eq!(second.session, first.session);
    let mut other = Cdp::behind(&second.link).await.unwrap();
    loads(&mut other, "/recorded/second").await;
    says(&mut other, "the last words of the second tab").await;
    for words in ["first tab", "second tab"] {
        environment.browser_run.has_recorded(&format!("the last words of the {words}")).await;
    }
    environment.browser_run.is_old_enough_to_be_recorded(&first.session).await;
    assert_eq!(tess.delete(&format!("/api/sessions/{}", first.session)).await.status, 204);

    let recording = recording(&tess, &first.session).await;
    let told = recording.to_string();
    assert!(told.contains("the last words of the first tab") && !told.contains("what-is-typed"), "{told}");
    let listed = [listed(&tess, &first, &site.origin).await, listed(&tess, &second, &site.origin).await].concat();
    let listed: BTreeSet<_> = listed.into_iter().filter(|path| path.starts_with("/recorded/")).collect();
    let seen: BTreeSet<_> = site.targets("/recorded/").into_iter().collect();
    assert_eq!(listed, seen);

    let mut visitor = follow(environment, "tess", &first.permalink).await;
    plays(&mut visitor, "the last words of the first tab").await;
    assert!(!visitor.evaluate(PLAYED).await.as_str().unwrap().contains("what-is-typed"));
    visitor.click(&format!("[data-tab=\"{}\"]", second.tab)).await;
    plays(&mut visitor, "the last words of the second tab").await;
    let mut visitor = follow(environment, "tess", &second.permalink).await;
    plays(&mut visitor, "the last words of the second tab").await;

    for path in [first.permalink.clone(), format!("/api/sessions/{}/recording", first.session)] {
        let stranger = answer(environment.worker.get(&path)).await;
        stranger.problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn a_permalink_shows_what_happened_however_its_browser_ended() {
    let (environment, site) = (guarded().await, site().await);
    let vic = environment.person("vic");
    for (ending, seconds) in [("crash", "600"), ("idleness", "10")] {
        let url = format!("{}/ended-by/{ending}", site.origin);
        let opened = vic.open(&url, &[("recording", ""), ("keep_alive", seconds), ("fresh", "")]).await;
        let mut page = Cdp::behind(&opened.link).await.unwrap();
        loads(&mut page, &format!("/ended-by/{ending}")).await;
        says(&mut page, &format!("the last words before {ending}")).await;
        environment.browser_run.has_recorded(&format!("the last words before {ending}")).await;
        environment.browser_run.is_old_enough_to_be_recorded(&opened.session).await;
        drop(page);
        if ending == "crash" {
            environment.browser_run.crash(&opened.session);
        }
        let told = recording(&vic, &opened.session).await.to_string();
        assert!(told.contains(&format!("the last words before {ending}")), "{told}");
        let mut visitor = follow(environment, "vic", &opened.permalink).await;
        plays(&mut visitor, &format!("the last words before {ending}")).await;
        let ended = vic.get(&opened.permalink).await.json(410);
        assert_eq!(ended["recording"], format!("/api/sessions/{}/recording", opened.session));
    }
}
