//! Tabs behind others and windows that a page opens, in a view of one page.

use serde_json::json;

use crate::{live_view::middle_is, person::Person, viewer::open};

const BLUE: &str = "<title>Blue</title><body style='margin: 0; height: 100vh; background: blue'>
    <button id=opens style='width: 200px; height: 200px' onclick='window.open(\"/second\")'>Open</button>";

#[tokio::test]
async fn a_tab_behind_another_is_painted_while_somebody_looks() {
    let mut person = Person::at(BLUE, "tab").await;
    person.view.waits_for(&middle_is(0, 0, 255)).await;
    open(&person.env, &person.session, "about:blank").await;
    person.page.evaluate("document.body.style.background = 'lime'").await;
    person.view.waits_for(&middle_is(0, 255, 0)).await;
    person.view.waits_for("document.getElementById('notice').hidden").await;
    assert_eq!(person.page.evaluate("document.visibilityState").await, "visible");
}

#[tokio::test]
async fn a_tab_behind_another_is_said_to_be_one_to_who_only_looks() {
    let env = crate::env::Env::lent().await;
    let url = crate::person::serve(BLUE).await;
    let read_only = json!({"mode": "tab", "guardrails": {"mode": "readonly"}});
    let mut person = Person::on(env, &url, read_only).await;
    person.view.waits_for(&middle_is(0, 0, 255)).await;
    open(&person.env, &person.session, "about:blank").await;
    person.view.shows("This tab is behind another one").await;
    person.view.keep_a_screenshot("behind.png").await;
    let activate = format!("/browser/{}/json/activate/{}", person.session, crate::env::text(&person.tab["id"]));
    person.env.ok("GET", &activate).await;
    person.page.evaluate("document.body.style.background = 'lime'").await;
    person.view.waits_for(&middle_is(0, 255, 0)).await;
    person.view.waits_for("document.getElementById('notice').hidden").await;
}

#[tokio::test]
async fn a_window_that_the_page_opens_is_told_of_and_led_to_and_back() {
    let mut person = Person::at(BLUE, "tab").await;
    let read_only = json!({"mode": "tab", "guardrails": {"mode": "readonly"}});
    let mut looker = person.joined_by(read_only).await;
    person.view.0.call("Page.bringToFront", json!({})).await;
    person.clicks("#opens").await;
    person.view.waits_for("document.getElementById('windows').textContent.includes('has opened a window')").await;
    looker.waits_for("document.getElementById('windows').textContent.includes('Blue')").await;
    assert_eq!(looker.0.evaluate("document.querySelectorAll('#windows button').length").await, 0, "it leads nowhere");
    person.view.waits_for("document.querySelector('#windows button').textContent == 'Blue'").await;
    person.view.keep_a_screenshot("windows.png").await;

    person.view.clicks_own("#windows button").await;
    person.view.waits_for("document.querySelector('#windows button').textContent == 'Back to the page'").await;
    person.page.evaluate("document.body.style.background = 'lime'").await;
    person.view.waits_for(&middle_is(0, 0, 255)).await;
    person.view.clicks_own("#windows button").await;
    person.view.waits_for(&middle_is(0, 255, 0)).await;

    person.view.clicks_own("#windows button").await;
    person.view.waits_for(&middle_is(0, 0, 255)).await;
    person.page.evaluate("document.body.style.background = 'red'").await;
    let targets = person.env.ok("GET", &format!("/browser/{}/json", person.session)).await;
    let second = targets.as_array().unwrap().iter().find(|target| target["url"].as_str().unwrap().ends_with("/second"));
    let second = crate::env::text(&second.unwrap()["id"]);
    person.env.ok("GET", &format!("/browser/{}/json/close/{second}", person.session)).await;
    person.view.waits_for(&middle_is(255, 0, 0)).await;
    person.view.waits_for("document.getElementById('windows').hidden").await;
}
