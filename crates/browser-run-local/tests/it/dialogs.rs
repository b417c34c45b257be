//! Dialogs of a page, in every view of it: shown to who is there and who comes, answered as the page's own would be.

use serde_json::{Value, json};

use crate::{
    person::{ENTER, ESCAPE, Person},
    viewer::Viewer,
};

const PAGE: &str = "<body style='background: blue'><button id=ask style='width: 300px; height: 300px'>Ask</button>
    <script>ask.onclick = () => setTimeout(() => { answer = eval(question); })</script>";

const OPEN: &str = "document.querySelector('dialog')?.open";
const SHOWN_BUTTONS: &str = "[...document.querySelectorAll('#dialog button')].filter(button => button.offsetParent).map(button => button.textContent)";

fn read_only(mode: &str) -> Value {
    json!({"mode": mode, "guardrails": {"mode": "readonly"}})
}

/// Has the page ask something, as soon as it is clicked.
async fn asks(person: &mut Person, question: &str) {
    person.page.evaluate(&format!("answer = 'none', question = {}", json!(question))).await;
    person.clicks("#ask").await;
    person.view.waits_for(OPEN).await;
}

#[tokio::test]
async fn a_dialog_says_what_the_pages_own_would_at_enter_and_escape() {
    let mut person = Person::at(PAGE, "tab").await;
    asks(&mut person, "prompt('Your name?', 'x')").await;
    assert_eq!(person.view.0.evaluate(SHOWN_BUTTONS).await, json!(["OK", "Cancel"]));
    person.view.0.call("Input.insertText", json!({"text": "Ada"})).await;
    person.view.keep_a_screenshot("prompt.png").await;
    person.view.presses(ENTER, 0).await;
    person.page_has("answer", json!("Ada")).await;
    for (question, key, answer) in [
        ("confirm('Sure?')", ENTER, json!(true)),
        ("confirm('Sure?')", ESCAPE, json!(false)),
        ("prompt('Your name?')", ESCAPE, Value::Null),
    ] {
        asks(&mut person, question).await;
        person.view.presses(key, 0).await;
        person.page_has("answer", answer).await;
        person.view.waits_for("!document.querySelector('dialog').open").await;
    }
    asks(&mut person, "alert('Look!') ?? 'over'").await;
    assert_eq!(person.view.0.evaluate(SHOWN_BUTTONS).await, json!(["OK"]));
    person.view.presses(ESCAPE, 0).await;
    person.page_has("answer", json!("over")).await;
}

#[tokio::test]
async fn who_joins_while_a_dialog_is_open_sees_it_and_answers_it() {
    let mut person = Person::at(PAGE, "tab").await;
    asks(&mut person, "confirm('Still there?')").await;
    for mode in ["tab", "full"] {
        let mut late = person.joined_by(json!({"mode": mode})).await;
        late.waits_for(&format!("{OPEN} && document.getElementById('message').textContent == 'Still there?'")).await;
        late.is_there().await;
        late.waits_for(&crate::live_view::middle_is(0, 0, 255)).await;
        late.keep_a_screenshot(&format!("late-{mode}.png")).await;
        if mode == "full" {
            late.presses(ENTER, 0).await;
        }
    }
    person.page_has("answer", json!(true)).await;
    person.view.waits_for("!document.querySelector('dialog').open").await;
}

#[tokio::test]
async fn an_alert_is_shown_over_the_front_end_and_confirmed_there() {
    let mut person = Person::at(PAGE, "tab").await;
    // Once for who was there before it, once for who comes.
    let mut there = person.joined_by(json!({"mode": "devtools"})).await;
    there.shows("Ask").await;
    person.view.0.call("Page.bringToFront", json!({})).await;
    asks(&mut person, "alert('Look!') ?? 'over'").await;
    there.waits_for(OPEN).await;
    let mut late = person.joined_by(json!({"mode": "devtools"})).await;
    late.waits_for(OPEN).await;
    assert_eq!(late.0.evaluate(SHOWN_BUTTONS).await, json!(["OK"]));
    late.waits_for("document.activeElement.textContent == 'OK'").await;
    late.keep_a_screenshot("alert-devtools.png").await;
    late.presses(ENTER, 0).await;
    person.page_has("answer", json!("over")).await;
    there.waits_for("!document.querySelector('dialog').open").await;
    late.shows("Ask").await;
}

#[tokio::test]
async fn a_page_is_left_or_kept_as_somebody_says() {
    let mut person = Person::at(PAGE, "tab").await;
    person.page.evaluate("onbeforeunload = event => event.preventDefault(), question = '1', here = true").await;
    person.clicks("#ask").await;
    person.page_has("answer", json!(1)).await;
    for (key, stays) in [(ESCAPE, json!(true)), (ENTER, json!(false))] {
        person.view.presses(crate::person::F5, 0).await;
        person.view.waits_for(OPEN).await;
        assert_eq!(person.view.0.evaluate(SHOWN_BUTTONS).await, json!(["Leave", "Stay"]));
        person.view.presses(key, 0).await;
        person.view.waits_for("!document.querySelector('dialog').open").await;
        person.page_has("'here' in window", stays).await;
    }
}

/// Sends an answer past what the view offers.
async fn answers_by_hand(view: &mut Viewer, target: &Value) {
    let answer = json!({"targetId": target, "accept": true}).to_string();
    let send = format!(
        "new Promise(done => {{
            const [path, credential] = document.body.dataset.socket.split('?');
            const socket = new WebSocket(`ws://${{path}}/events?${{credential}}`);
            socket.onopen = () => socket.send({});
            // What comes back has been sent after it was connected.
            socket.onmessage = done;
        }})",
        json!(answer)
    );
    view.0.call("Runtime.evaluate", json!({"expression": send, "awaitPromise": true})).await;
}

#[tokio::test]
async fn a_read_only_view_shows_a_dialog_and_cannot_answer_it() {
    let mut person = Person::at(PAGE, "tab").await;
    asks(&mut person, "confirm('Sure?')").await;
    let mut front_end = person.joined_by(read_only("devtools")).await;
    front_end.waits_for(OPEN).await;
    assert_eq!(front_end.0.evaluate(SHOWN_BUTTONS).await, json!([]));
    let mut looker = person.joined_by(read_only("tab")).await;
    looker.waits_for(OPEN).await;
    assert_eq!(looker.0.evaluate(SHOWN_BUTTONS).await, json!([]));
    looker.keep_a_screenshot("dialog-read-only.png").await;
    looker.presses(ENTER, 0).await;
    answers_by_hand(&mut looker, &person.tab["id"]).await;
    assert_eq!(looker.0.evaluate(OPEN).await, true);
    person.view.0.call("Page.bringToFront", json!({})).await;
    person.view.presses(ESCAPE, 0).await;
    person.page_has("answer", json!(false)).await;
    looker.waits_for("!document.querySelector('dialog').open").await;
}
