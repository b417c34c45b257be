//! People who are asked to help, seen in a second Chromium: the bar in every view, and a real script that waits for them.

use serde_json::{Value, json};

use crate::{
    clients::start_client,
    env::{Env, LONG, TOKEN, answer, site, text},
    handoff::COMPLETE,
    live_view::live_view,
    viewer::{Viewer, open},
};

const HANDOFF: &str = "Cloudflare.handoff";

/// An element of the bar.
fn part(selector: &str) -> String {
    format!("document.querySelector('#handoff {selector}')")
}

async fn shows(viewer: &mut Viewer, instructions: &str) {
    viewer.waits_for(&format!("{}?.textContent == {}", part("p"), json!(instructions))).await;
    viewer.waits_for("document.getElementById('handoff').getBoundingClientRect().height > 20").await;
}

async fn presses(viewer: &mut Viewer, button: &str) {
    viewer.waits_for(&format!("{}?.checkVisibility()", part(button))).await;
    let middle = format!(
        "(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({}.getBoundingClientRect())",
        part(button)
    );
    let middle = viewer.0.evaluate(&middle).await;
    viewer.clicks(middle[0].as_f64().unwrap(), middle[1].as_f64().unwrap()).await;
}

#[tokio::test]
async fn the_bar_asks_and_done_completes_once_whoever_presses() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut page, mut viewer, session) = live_view(&env, &site, json!({"mode": "tab"})).await;
    let asked = page.call(HANDOFF, json!({"instructions": "Log in <b>now</b>"})).await;
    let view = page.call("Cloudflare.getLiveView", json!({"mode": "tab"})).await;
    let mut other = Viewer::at(&text(&view["devtoolsFrontendUrl"])).await;
    for viewer in [&mut viewer, &mut other] {
        shows(viewer, "Log in <b>now</b>").await;
    }
    viewer.keep_a_screenshot("handoff-tab.png").await;
    presses(&mut viewer, ".done").await;
    let completed = page.event(COMPLETE).await;
    assert_eq!(completed["params"]["handoffId"], asked["handoffId"]);
    assert_eq!(completed["params"]["success"], true);
    other.waits_for("document.getElementById('handoff').hidden").await;

    // A second press that was on its way already is for a handoff that is over.
    let socket = text(&view["webSocketDebuggerUrl"]).replacen("?jwt=", "/handoffs?jwt=", 1);
    let again = page.call(HANDOFF, json!({})).await;
    let late = format!(
        "new Promise((sent) => {{
            const socket = new WebSocket({});
            socket.onopen = () => {{
                for (const handoffId of [{}, {}]) socket.send(JSON.stringify({{ handoffId, success: false }}));
                sent(true);
            }};
        }})",
        json!(socket),
        asked["handoffId"],
        again["handoffId"]
    );
    viewer.0.call("Runtime.evaluate", json!({"expression": late, "awaitPromise": true})).await;
    let event = page.event(COMPLETE).await;
    assert_eq!(event["params"]["handoffId"], again["handoffId"], "the first has been told of once");
    assert_eq!(env.session(&session).await.get("endTime"), None);
}

#[tokio::test]
async fn a_reason_is_given_for_what_has_failed() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut page, mut viewer, _) = live_view(&env, &site, json!({"mode": "full"})).await;
    page.call(HANDOFF, json!({"instructions": "Log in"})).await;
    shows(&mut viewer, "Log in").await;
    presses(&mut viewer, ".failed").await;
    viewer.waits_for("document.activeElement?.name == 'reason'").await;
    viewer.types("No password, ä").await;
    viewer.keep_a_screenshot("handoff-failed.png").await;
    presses(&mut viewer, ".send").await;
    let params = page.event(COMPLETE).await["params"].take();
    assert_eq!((&params["success"], &params["reason"]), (&json!(false), &json!("No password, ä")));
    viewer.waits_for("document.getElementById('handoff').hidden").await;
    assert_eq!(page.evaluate("document.body.textContent.includes('password')").await, false, "it is not for the page");
}

#[tokio::test]
async fn nobody_is_asked_about_a_page_that_has_closed_since() {
    let (env, site) = (Env::lent().await, site().await);
    let session = env.acquire(LONG).await;
    let (closed, left) = (open(&env, &session, &site).await, open(&env, &session, &site).await);
    let mut asking = env.cdp(&format!("/browser/{session}")).await;
    for (tab, instructions) in [(&closed, "Log in"), (&left, "Log out")] {
        asking.call(HANDOFF, json!({"targetId": tab["id"], "instructions": instructions})).await;
    }
    drop(asking);
    env.ok("GET", &format!("/browser/{session}/json/close/{}", text(&closed["id"]))).await;
    let wanted = json!({"targetId": left["id"], "mode": "full"});
    let view = answer(env.request("POST", &format!("/browser/{session}/live_view")).json(&wanted)).await.1;
    let mut viewer = Viewer::at(&text(&view["devtoolsFrontendUrl"])).await;
    shows(&mut viewer, "Log out").await;
}

#[tokio::test]
async fn chromiums_front_end_has_the_bar_too() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut page, mut viewer, _) = live_view(&env, &site, json!({"mode": "devtools"})).await;
    viewer.shows("Hello from the small site").await;
    page.call(HANDOFF, json!({"instructions": "Log in"})).await;
    shows(&mut viewer, "Log in").await;
    viewer.keep_a_screenshot("handoff-devtools.png").await;
    presses(&mut viewer, ".done").await;
    assert_eq!(page.event(COMPLETE).await["params"]["success"], true);
}

#[tokio::test]
async fn a_read_only_view_shows_what_is_asked_without_buttons() {
    let (env, site) = (Env::lent().await, site().await);
    let wanted = json!({"mode": "tab", "guardrails": {"mode": "readonly"}});
    let (mut page, mut viewer, _) = live_view(&env, &site, wanted).await;
    page.call(HANDOFF, json!({"instructions": "Log in"})).await;
    shows(&mut viewer, "Log in").await;
    assert_eq!(viewer.0.evaluate("document.querySelectorAll('#handoff button').length").await, 0);
}

#[tokio::test]
async fn a_puppeteer_script_waits_for_a_person() {
    let (env, site) = (Env::start().await, site().await);
    let endpoint = format!("{}/browser?keep_alive=600000", env.cdp_url());
    let mut script = start_client("handoff.mjs", &[&endpoint, TOKEN, &site]);
    let link = text(&script.says().await["devtoolsFrontendUrl"]);
    let mut viewer = Viewer::at(&link).await;
    shows(&mut viewer, "Log in as Ada, then press Done").await;
    presses(&mut viewer, ".done").await;
    let told: Value = script.says().await;
    assert_eq!((&told["result"]["success"], &told["title"]), (&json!(true), &json!("Small site")), "{told}");
    script.ends().await;
}
