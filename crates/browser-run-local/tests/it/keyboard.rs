//! The keyboard: composed text, other layouts, phones, the clipboard, and keys that are the view's own.

use serde_json::json;

use crate::person::{CONTROL, F5, INSERT, Key, Person, SHIFT};

const PAGE: &str =
    "<body style='margin: 0'><textarea id=field style='width: 100vw; height: 200px; font-size: 40px'></textarea>
    <script>
        seen = [];
        for (const type of ['compositionstart', 'compositionend', 'copy', 'cut'])
            addEventListener(type, event => seen.push(type));
    </script>";

const fn letter(key: &'static str, code: &'static str, number: u32) -> Key {
    Key { key, code, number, text: None }
}
const A: Key = letter("a", "KeyA", 65);
const C: Key = letter("c", "KeyC", 67);
const R: Key = letter("r", "KeyR", 82);
const V: Key = letter("v", "KeyV", 86);
const X: Key = letter("x", "KeyX", 88);

async fn writes() -> Person {
    let mut person = Person::at(PAGE, "tab").await;
    person.clicks("#field").await;
    person.page_has("document.activeElement.id", json!("field")).await;
    person
}

/// Whether the viewer's input method composes this now.
async fn composes(person: &mut Person, text: &str) {
    let end = text.encode_utf16().count();
    let composition = json!({"text": text, "selectionStart": end, "selectionEnd": end});
    person.view.0.call("Input.imeSetComposition", composition).await;
    person.page_has("field.value", json!(text)).await;
}

#[tokio::test]
async fn composed_text_is_composed_in_the_page() {
    let mut person = writes().await;
    for text in ["に", "にほ", "にほん", "日本"] {
        composes(&mut person, text).await;
    }
    person.view.0.call("Input.insertText", json!({"text": "日本"})).await;
    person.page_has("seen", json!(["compositionstart", "compositionend"])).await;
    person.page_has("field.value", json!("日本")).await;
    person.page.evaluate("field.value = ''").await;
    composes(&mut person, "x").await;
    composes(&mut person, "").await;
    person.page_has("field.value", json!("")).await;
}

#[tokio::test]
async fn text_without_keys_arrives_as_from_emoji_pickers_and_phones() {
    let mut person = writes().await;
    person.view.0.call("Input.insertText", json!({"text": "👩‍🚀 née 界"})).await;
    person.page_has("field.value", json!("👩‍🚀 née 界")).await;
    // A phone's backspace changes the field that it writes into, and presses no key.
    person.view.0.evaluate("document.execCommand('delete')").await;
    person.page_has("field.value", json!("👩‍🚀 née ")).await;
    person.view.0.evaluate("document.execCommand('insertLineBreak')").await;
    person.view.types("ok").await;
    person.page_has("field.value", json!("👩‍🚀 née \nok")).await;
    // Its keyboard is shown where there is something to write into.
    person.view.waits_for("document.getElementById('keys').inputMode == 'text'").await;
    person.page.evaluate("field.blur()").await;
    person.view.waits_for("document.getElementById('keys').inputMode == 'none'").await;
}

#[tokio::test]
async fn characters_of_altgr_arrive_as_text_and_shortcuts_as_keys() {
    const CONTROL_AND_ALT: u8 = 3;
    let mut person = writes().await;
    person
        .page
        .evaluate("pressed = [], onkeydown = event => pressed.push([event.key, event.ctrlKey, event.altKey])")
        .await;
    for (key, code, number) in [("@", "KeyQ", 81), ("€", "KeyE", 69), ("{", "Digit7", 55)] {
        person.view.presses(Key { key, code, number, text: Some(key) }, CONTROL_AND_ALT).await;
    }
    person.page_has("field.value", json!("@€{")).await;
    person.view.presses(A, CONTROL_AND_ALT).await;
    let wanted = json!([["@", false, false], ["€", false, false], ["{", false, false], ["a", true, true]]);
    person.page_has("pressed", wanted).await;
    assert_eq!(person.page.evaluate("field.value").await, "@€{");
}

#[tokio::test]
async fn what_is_copied_or_cut_is_in_the_viewers_clipboard() {
    let mut person = writes().await;
    let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    person.view.0.call("Browser.grantPermissions", permissions).await;
    let follow = "setInterval(async () => { clipboard = await navigator.clipboard.readText(); }, 50)";
    person.view.0.evaluate(follow).await;
    person.page.evaluate("field.value = 'Grüße 😀'").await;
    person.view.presses(A, CONTROL).await;
    person.view.presses(C, CONTROL).await;
    person.view.waits_for("window.clipboard == 'Grüße 😀'").await;
    person.page.evaluate("field.value = 'cut out'").await;
    person.view.presses(A, CONTROL).await;
    person.view.presses(X, CONTROL).await;
    person.page_has("field.value", json!("")).await;
    person.view.waits_for("clipboard == 'cut out'").await;
    person.view.presses(INSERT, SHIFT).await;
    person.view.presses(V, CONTROL).await;
    person.page_has("field.value", json!("cut outcut out")).await;
    // What the page puts there instead.
    person.page.evaluate(
        "document.oncopy = event => { event.clipboardData.setData('text/plain', 'by the page'); event.preventDefault(); }",
    )
    .await;
    person.view.presses(C, CONTROL).await;
    person.view.waits_for("clipboard == 'by the page'").await;
    person.view.0.evaluate("navigator.clipboard.writeText('界 👩‍🚀')").await;
    person.view.waits_for("clipboard == '界 👩‍🚀'").await;
    person.page.evaluate("field.value = ''").await;
    person.view.presses(V, CONTROL).await;
    person.page_has("field.value", json!("界 👩‍🚀")).await;
}

#[tokio::test]
async fn f5_and_ctrl_r_load_the_page_anew_and_not_the_view() {
    let mut person = writes().await;
    person.view.0.evaluate("stays = true").await;
    for (key, modifiers) in [(F5, 0), (R, CONTROL), (R, CONTROL | SHIFT)] {
        person.page.evaluate("before = true").await;
        person.view.presses(key, modifiers).await;
        person.page_has("'before' in window", json!(false)).await;
    }
    assert_eq!(person.view.0.evaluate("stays").await, true);
}

#[tokio::test]
async fn two_hundred_characters_arrive_in_their_order() {
    let mut person = writes().await;
    let text: String = ('a'..='z').chain("äöüß é ".chars()).cycle().take(200).collect();
    person.view.types(&text).await;
    person.page_has("field.value", json!(text)).await;
}

#[tokio::test]
async fn the_focus_leaves_the_page_by_shift_and_escape() {
    let mut person = writes().await;
    person.page.evaluate("onkeydown = event => seen.push(event.key)").await;
    person.view.presses(crate::person::ESCAPE, SHIFT).await;
    person.view.waits_for("document.activeElement == document.body").await;
    person.view.types("x").await;
    person.clicks("#field").await;
    person.view.types("y").await;
    person.page_has("seen", json!(["y"])).await;
}
