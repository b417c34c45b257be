//! Fingers, and pages as phones show them.

use cdp_client::Cdp;
use serde_json::json;

use crate::person::Person;

const PAGE: &str = "<meta name=viewport content='width=980'><body style='margin: 0; width: 980px; height: 6000px'>
    <button id=button style='position: absolute; left: 500px; top: 300px; width: 200px; height: 100px'>Button</button>
    <script>
        seen = [];
        addEventListener('touchmove', () => moved = true);
        for (const type of ['touchstart', 'touchend', 'click'])
            addEventListener(type, event => seen.push([type, event.target.id, event.touches?.length].filter(part => (part ?? '') !== '').join(' ')));
    </script>";

#[tokio::test]
async fn a_tap_clicks_a_swipe_scrolls_and_a_pinch_zooms() {
    let mut person = Person::at(PAGE, "tab").await;
    let button = person.point_of("#button", 0.5, 0.5).await;
    person.view.touches("touchStart", &[button]).await;
    person.view.touches("touchEnd", &[]).await;
    person.page_has("seen", json!(["touchstart button 1", "touchend button 0", "click button"])).await;

    let (x, y) = person.view.point_at(0.2, 0.9).await;
    person.view.touches("touchStart", &[(x, y)]).await;
    for step in 1..=20 {
        person.view.touches("touchMove", &[(x, y - f64::from(step) * 20.0)]).await;
    }
    person.view.touches("touchEnd", &[]).await;
    person.page_has("scrollY > 100", json!(true)).await;

    let (x, y) = person.view.point_at(0.5, 0.5).await;
    let apart = |distance: f64| [(x - distance, y), (x + distance, y)];
    person.page.evaluate("moved = false").await;
    person.view.touches("touchStart", &apart(50.0)).await;
    // Chromium zooms by what comes after the first move: on a busy machine all of them can arrive as one.
    person.view.touches("touchMove", &apart(90.0)).await;
    person.page_has("moved", json!(true)).await;
    for step in 1..=20 {
        person.view.touches("touchMove", &apart(90.0 + f64::from(step) * 8.0)).await;
        // One after the other, for the same reason.
        person.page.evaluate("visualViewport.scale").await;
    }
    person.view.touches("touchEnd", &[]).await;
    person.page_has("visualViewport.scale > 1.5", json!(true)).await;
    assert_eq!(person.view.0.evaluate("visualViewport.scale").await, 1, "the view itself does not zoom");
}

#[tokio::test]
async fn one_of_two_fingers_can_leave() {
    let mut person = Person::at(PAGE, "tab").await;
    let (x, y) = person.view.point_at(0.2, 0.5).await;
    person.view.touches("touchStart", &[(x, y), (x + 100.0, y)]).await;
    person.page_has("seen.at(-1)", json!("touchstart 2")).await;
    person.view.touches("touchEnd", &[(x, y)]).await;
    person.page_has("seen.at(-1)", json!("touchend 1")).await;
    person.view.touches("touchEnd", &[]).await;
    person.page_has("seen.at(-1)", json!("touchend 0")).await;
}

#[tokio::test]
async fn clicks_hit_where_a_phone_shows_a_wide_page() {
    let mut person = Person::at(PAGE, "tab").await;
    let mut phone = Cdp::link(&person.tab["webSocketDebuggerUrl"]).await.unwrap();
    let metrics = json!({"width": 400, "height": 800, "deviceScaleFactor": 3, "mobile": true});
    phone.call("Emulation.setDeviceMetricsOverride", metrics).await;
    phone.call("Page.reload", json!({})).await;
    person.page_has("visualViewport.scale < 0.5 && document.readyState == 'complete'", json!(true)).await;
    person
        .view
        .waits_for("(box => box.width < box.height)(document.querySelector('canvas').getBoundingClientRect())")
        .await;
    person.view.keep_a_screenshot("phone.png").await;
    for (x, y) in [(0.05, 0.1), (0.95, 0.9)] {
        person.page.evaluate("seen.length = 0").await;
        let (x, y) = person.point_of("#button", x, y).await;
        person.view.clicks(x, y).await;
        person.page_has("seen", json!(["click button"])).await;
        person.view.touches("touchStart", &[(x, y)]).await;
        person.view.touches("touchEnd", &[]).await;
        let touched = json!(["click button", "touchstart button 1", "touchend button 0", "click button"]);
        person.page_has("seen", touched).await;
    }
}
