//! Read-only links: the holder sees everything and changes nothing, whatever they send.

use cdp_client::Cdp;
use serde_json::{Value, json};

use crate::{
    env::{Env, LONG, answer, site, text, until},
    live_view::live_view,
    viewer::open,
};

const READ_ONLY: &str = "readonly";

fn wanted(mode: &str) -> Value {
    json!({"mode": mode, "guardrails": {"mode": READ_ONLY}})
}

/// A read-only connection to a page, with the session and the page's owner's connection.
async fn connect(env: &Env, url: &str, mode: &str) -> (Cdp, Cdp, String) {
    let session = env.acquire(LONG).await;
    let tab = open(env, &session, url).await;
    let mut body = wanted(mode);
    body["targetId"] = tab["id"].clone();
    let (_, view) = answer(env.request("POST", &format!("/browser/{session}/live_view")).json(&body)).await;
    assert_eq!(view["options"], json!({"mode": mode, "guardrails": {"mode": READ_ONLY}}));
    let holder = Cdp::link(&view["webSocketDebuggerUrl"]).await.unwrap();
    let mut owner = Cdp::link(&tab["webSocketDebuggerUrl"]).await.unwrap();
    until("the page is there", async || {
        let there = "document.readyState == 'complete' && location.href != 'about:blank'";
        (owner.evaluate(there).await == true).then_some(())
    })
    .await;
    (holder, owner, session)
}

#[tokio::test]
async fn commands_of_this_chromium_pass_only_when_they_look() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut holder, mut owner, session) = connect(&env, &site, "full").await;
    owner.call("Page.enable", json!({})).await;
    let before = owner.evaluate("[location.href, document.documentElement.outerHTML, history.length]").await;
    let protocol = env.ok("GET", &format!("/browser/{session}/json/protocol")).await;
    let mut passed = Vec::new();
    let mut refused = 0;
    for domain in protocol["domains"].as_array().unwrap() {
        for command in domain["commands"].as_array().unwrap() {
            let method = format!("{}.{}", text(&domain["domain"]), text(&command["name"]));
            let answer = holder.answered(&method, json!({})).await;
            match answer["error"]["message"].as_str() {
                Some(said) if said.contains("a read-only live view does not allow") => refused += 1,
                _ => passed.push(text(&command["name"])),
            }
        }
    }
    assert!(refused > 400 && passed.len() > 50, "{refused} refused, {passed:?}");
    let looks = |name: &str| {
        let looking = ["get", "enable", "disable", "describe", "resolve", "request", "query", "push", "release"];
        let screencast = ["captureScreenshot", "startScreencast", "stopScreencast", "screencastFrameAck"];
        looking.iter().any(|verb| name.starts_with(verb))
            || screencast.contains(&name)
            || ["performSearch", "discardSearchResults", "globalLexicalScopeNames"].contains(&name)
            || ["setAutoAttach", "setDiscoverTargets", "attachToTarget", "detachFromTarget"].contains(&name)
            || ["setLifecycleEventsEnabled", "runIfWaitingForDebugger"].contains(&name)
            || name == "trackComputedStyleUpdatesForNode"
    };
    let others: Vec<_> = passed.iter().filter(|name| !looks(name)).collect();
    assert!(others.is_empty(), "{others:?}");
    let after = owner.evaluate("[location.href, document.documentElement.outerHTML, history.length]").await;
    assert_eq!(after, before);
}

#[tokio::test]
async fn attached_targets_are_just_as_read_only() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut holder, _owner, session) = connect(&env, &site, "full").await;
    let other = open(&env, &session, "about:blank").await;
    let attached = holder.call("Target.attachToTarget", json!({"targetId": other["id"], "flatten": false})).await;
    let in_session = &text(&attached["sessionId"]);
    let document = holder.answered_in(in_session, "DOM.getDocument", json!({})).await;
    assert!(document["result"]["root"].is_object(), "it is a session of the flattened kind: {document}");
    for (method, params) in [
        ("Runtime.evaluate", json!({"expression": "document.title = 'changed'"})),
        ("Page.navigate", json!({"url": site})),
        ("Input.insertText", json!({"text": "x"})),
        ("Target.createTarget", json!({"url": site})),
    ] {
        let answer = holder.answered_in(in_session, method, params).await;
        let said = text(&answer["error"]["message"]);
        assert!(said.contains("read-only"), "{method}: {answer}");
        assert_eq!(&text(&answer["sessionId"]), in_session);
    }
    // A link to one page does not lead to the others.
    let (mut holder, ..) = connect(&env, &site, "tab").await;
    let said = holder.refused("Target.attachToTarget", json!({"targetId": other["id"], "flatten": true})).await;
    assert!(text(&said["message"]).contains("read-only"), "{said}");
}

#[tokio::test]
async fn the_front_end_shows_the_page_and_says_that_it_is_read_only() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut page, mut viewer, _) = live_view(&env, &site, wanted("devtools")).await;
    viewer.shows("Hello from the small site").await;
    viewer.shows_a_picture().await;
    viewer.waits_for("document.title.startsWith('READ ONLY - DevTools')").await;
    viewer.keep_a_screenshot("read-only-devtools.png").await;
    viewer.turn_to("network").await;
    page.evaluate("fetch('/fetched-by-the-page')").await;
    viewer.shows("fetched-by-the-page").await;
}

#[tokio::test]
async fn a_read_only_tab_takes_no_input() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut page, mut viewer, _) = live_view(&env, &site, wanted("tab")).await;
    page.evaluate("document.body.style.background = 'black', window.clicks = 0, onclick = () => clicks++").await;
    viewer.waits_for(&crate::live_view::middle_is(0, 0, 0)).await;
    viewer.waits_for("document.title == 'READ ONLY - Small site'").await;
    viewer.clicks(700.0, 300.0).await;
    viewer.types("x").await;
    // What was sent before this picture has arrived with it.
    page.evaluate("document.body.style.background = 'white'").await;
    viewer.waits_for(&crate::live_view::middle_is(255, 255, 255)).await;
    assert_eq!(page.evaluate("clicks").await, 0);
    viewer.keep_a_screenshot("read-only-tab.png").await;
}

#[tokio::test]
async fn a_read_only_view_of_all_tabs_shows_them_and_nothing_more() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut page, mut viewer, session) = live_view(&env, &site, wanted("full")).await;
    page.evaluate("document.body.style.background = 'black'").await;
    viewer.waits_for(&crate::live_view::middle_is(0, 0, 0)).await;
    viewer.waits_for("document.querySelectorAll('.tab').length == 2").await;
    viewer
        .waits_for("['back', 'forward', 'reload', 'address', 'new'].every(id => document.getElementById(id).disabled)")
        .await;
    viewer.0.evaluate("document.querySelector('.tab[aria-selected=false] .title').click()").await;
    viewer.waits_for("document.title == 'READ ONLY - about:blank'").await;
    viewer.waits_for(&crate::live_view::middle_is(255, 255, 255)).await;
    viewer.keep_a_screenshot("read-only-full.png").await;
    assert_eq!(env.ok("GET", &format!("/browser/{session}/json")).await.as_array().unwrap().len(), 2);
}
