//! Fields whose popups are in no picture: the viewer draws them, and the page sees what is chosen as ever.

use serde_json::json;

use crate::{
    env::{Env, until},
    person::{CONTROL, DOWN, ENTER, HOME, Person, serve},
};

const PAGE: &str = "<body style='font-size: 30px; background: #eef'><style>input, select { font-size: 24px }</style>
    <label>Colour <select id=list>
        <optgroup label=Warm><option>red<option>orange</optgroup>
        <optgroup label=Cold><option disabled>blue<option>green</optgroup>
    </select></label>
    <select id=several multiple size=3><option>1<option>2<option>3</select>
    <p><input id=date type=date value=2026-11-24> <input id=time type=time>
    <input id=local type=datetime-local> <input id=month type=month> <input id=week type=week>
    <p><input id=colour type=color value='#ff0000'> <input id=fruit list=fruits>
    <datalist id=fruits><option value=apple><option value=apricot label='An apricot'><option value=banana></datalist>
    <script>
        seen = [];
        for (const type of ['focus', 'input', 'change', 'keydown'])
            addEventListener(type, event => seen.push(`${type} ${event.target.id ?? ''}`), true);
    </script>";

const LIST: &str = "document.querySelector('#picker:popover-open select') !== null";
const FIELD: &str = "document.querySelector('#picker:popover-open input') !== null";

#[tokio::test]
async fn a_list_is_drawn_by_the_viewer_and_set_as_the_page_expects() {
    let mut person = Person::at(PAGE, "tab").await;
    person.page.evaluate("seen.length = 0").await;
    person.clicks("#list").await;
    person.view.waits_for(LIST).await;
    let groups = "[...document.querySelectorAll('#picker optgroup')].map(group => group.label)";
    assert_eq!(person.view.0.evaluate(groups).await, json!(["Warm", "Cold"]));
    let options = "[...document.querySelectorAll('#picker option')].map(option => [option.text, option.disabled])";
    let wanted = json!([["red", false], ["orange", false], ["blue", true], ["green", false]]);
    assert_eq!(person.view.0.evaluate(options).await, wanted);
    assert_eq!(person.view.0.evaluate("document.querySelector('#picker select').ariaLabel").await, "Colour");
    person.view.keep_a_screenshot("list.png").await;
    person.view.clicks_own("#picker option:not(:first-child):not(:disabled)").await;
    person.page_has("list.value", json!("orange")).await;
    assert_eq!(person.page.evaluate("seen").await, json!(["focus list", "input list", "change list"]));
    assert_eq!(person.page.evaluate("document.activeElement.id + list.matches(':open')").await, "listfalse");

    // The same with keys only, where what is disabled is passed over.
    person.view.waits_for("document.activeElement.id == 'keys'").await;
    person.view.presses(ENTER, 0).await;
    person.view.waits_for(LIST).await;
    person.view.presses(HOME, 0).await;
    person.view.presses(DOWN, 0).await;
    person.view.presses(DOWN, 0).await;
    person.view.presses(ENTER, 0).await;
    person.page_has("list.value", json!("green")).await;
}

#[tokio::test]
async fn a_list_that_is_left_alone_changes_nothing() {
    let mut person = Person::at(PAGE, "tab").await;
    person.clicks("#list").await;
    person.view.waits_for(LIST).await;
    person.page.evaluate("seen.length = 0").await;
    person.view.presses(crate::person::ESCAPE, 0).await;
    person.view.waits_for("document.activeElement.id == 'keys'").await;
    person.view.types("g").await;
    person.page_has("list.value", json!("green")).await;
    assert_eq!(
        person.page.evaluate("seen").await,
        json!(["keydown list", "input list", "change list"]),
        "by its letter"
    );
}

#[tokio::test]
async fn a_list_of_several_takes_clicks_with_ctrl_and_fingers() {
    let mut person = Person::at(PAGE, "tab").await;
    let first = person.point_of("#several", 0.3, 0.17).await;
    person.view.clicks(first.0, first.1).await;
    let third = person.point_of("#several", 0.3, 0.8).await;
    for kind in ["mousePressed", "mouseReleased"] {
        let event = json!({"type": kind, "x": third.0, "y": third.1, "button": "left", "buttons": 1, "clickCount": 1,
            "modifiers": CONTROL});
        person.view.0.call("Input.dispatchMouseEvent", event).await;
    }
    let chosen = "[...several.selectedOptions].map(option => option.text)";
    person.page_has(chosen, json!(["1", "3"])).await;
    person.view.touches("touchStart", &[first]).await;
    person.view.touches("touchEnd", &[]).await;
    person.page_has(chosen, json!(["3"])).await;
}

#[tokio::test]
async fn dates_times_and_colours_are_picked_in_the_viewers_fields() {
    let mut person = Person::at(PAGE, "tab").await;
    for (id, value) in [
        ("date", "2027-01-02"),
        ("time", "13:45"),
        ("local", "2027-01-02T10:00"),
        ("month", "2027-03"),
        ("week", "2027-W05"),
        ("colour", "#00ff00"),
    ] {
        // Where the calendar or the clock is.
        let width = person.page.evaluate(&format!("{id}.offsetWidth")).await.as_f64().unwrap();
        let at = if id == "colour" { 0.5 } else { 1.0 - 20.0 / width };
        let (x, y) = person.point_of(&format!("#{id}"), at, 0.5).await;
        person.view.clicks(x, y).await;
        person.view.waits_for(FIELD).await;
        person.view.keep_a_screenshot(&format!("{id}.png")).await;
        let fields = format!(
            "(field => [field.type, field.value])(document.querySelector('#picker input')).join() == ({}).join()",
            person.page.evaluate(&format!("[{id}.type, {id}.value]")).await
        );
        person.view.waits_for(&fields).await;
        person.page.evaluate("seen.length = 0").await;
        person.view.0.evaluate(&format!("document.querySelector('#picker input').value = '{value}'")).await;
        person.view.clicks_own("#picker button").await;
        person.page_has(&format!("{id}.value"), json!(value)).await;
        person.page_has("seen", json!([format!("input {id}"), format!("change {id}")])).await;
        person.view.waits_for("!document.querySelector('#picker:popover-open')").await;
    }
}

#[tokio::test]
async fn suggestions_of_a_datalist_are_offered_while_somebody_types() {
    let mut person = Person::at(PAGE, "tab").await;
    person.clicks("#fruit").await;
    let offered =
        "[...document.querySelectorAll('#suggestions:popover-open option')].map(option => option.text).join()";
    person.view.waits_for(&format!("{offered} == 'apple,apricot – An apricot,banana'")).await;
    person.view.types("ap").await;
    person.view.waits_for(&format!("{offered} == 'apple,apricot – An apricot'")).await;
    person.page_has("fruit.value", json!("ap")).await;
    person.view.keep_a_screenshot("datalist.png").await;
    person.page.evaluate("seen.length = 0").await;
    person.view.presses(DOWN, 0).await;
    person.view.waits_for("document.activeElement.tagName == 'SELECT'").await;
    person.view.presses(DOWN, 0).await;
    person.view.presses(ENTER, 0).await;
    person.page_has("fruit.value", json!("apricot")).await;
    assert_eq!(person.page.evaluate("seen").await, json!(["keydown fruit", "input fruit", "change fruit"]));
    person.view.waits_for(&format!("{offered} == '' && document.activeElement.id == 'keys'")).await;
}

#[tokio::test]
async fn a_list_in_a_frame_of_another_site_is_drawn_too() {
    let env = Env::lent().await;
    let inner = serve("<body style='margin: 0'><select id=list style='width: 300px; height: 100px; cursor: progress'><option>1<option>2</select>
        <script>list.onchange = () => parent.postMessage(list.value, '*')</script>");
    let inner = inner.await.replace("127.0.0.1", "localhost");
    let outer = format!(
        "<iframe id=frame src='{inner}' style='width: 400px; height: 300px; border: 0; margin: 100px'></iframe>
        <script>onmessage = event => chosen = event.data</script>"
    );
    let mut person = Person::on(env, &serve(&outer).await, json!({"mode": "tab"})).await;
    let (x, y) = person.point_of("#frame", 0.3, 0.15).await;
    // What runs in the frame for the view is there as soon as it tells of the cursor.
    until("the frame's cursor", async || {
        person.view.points_at(x, y).await;
        person.view.points_at(x + 5.0, y).await;
        (person.view.0.evaluate("document.getElementById('page').style.cursor").await == "progress").then_some(())
    })
    .await;
    person.view.clicks(x, y).await;
    person.view.waits_for(LIST).await;
    person.view.clicks_own("#picker option:last-child").await;
    person.page_has("chosen", json!("2")).await;
}
