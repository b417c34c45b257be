//! What a recording shows of a session's pages, and what nobody in the session notices of it.

use std::time::Duration;

use cdp_client::Cdp;
use serde_json::{Value, json};

use crate::{
    env::text,
    recorded::{Site, hrefs, only_target, replay, start, until_recorded},
    viewer::open,
};

/// Types a text into the field that a script has focused, as a person does.
async fn type_into(page: &mut Cdp, field: &str, typed: &str) {
    page.evaluate(&format!("document.querySelector('{field}').focus()")).await;
    page.call("Input.insertText", json!({"text": typed})).await;
}

#[tokio::test]
async fn recordings_have_the_pages_text_and_what_changed_but_not_what_was_typed() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "A page of text").await;
    type_into(&mut page, "#name", "typed-name").await;
    type_into(&mut page, "#secret", "typed-password").await;
    type_into(&mut page, "#area", "typed-area").await;
    page.evaluate("document.querySelector('h1').after('said by a script')").await;
    page.evaluate("document.querySelector('iframe').contentDocument.body.append('said in the frame')").await;
    until_recorded(&folder, &session, "events", "said in the frame").await;
    let recording = env.end_recorded(&session).await;

    assert_eq!((&recording["sessionId"], recording["duration"].as_u64() >= Some(2_000)), (&json!(session), true));
    let (_, events) = only_target(&recording);
    let all = json!(events).to_string();
    for there in ["A page of text", "said by a script", "Text in a frame", "said in the frame", "color: green", "Send"]
    {
        assert!(all.contains(there), "{there} in {all}");
    }
    for hidden in ["typed-", "written before", "a-hidden-token", "an-inner-value"] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }
    let typed = events.iter().filter(|event| event["data"]["source"] == 5 && event["data"]["text"] == "**********");
    assert_eq!(typed.count(), 1, "as many stars as characters: {all}");
    let times: Vec<_> = events.iter().map(|event| event["timestamp"].as_u64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");

    let mut replay = replay(&env, events).await;
    replay.until("replayed.querySelector('#name').value", &json!("**********")).await;
    let text = "replayed.body.textContent.includes('said by a script') && getComputedStyle(replayed.querySelector('h1')).color";
    replay.until(text, &json!("rgb(0, 128, 0)")).await;
    let framed = "replayed.querySelector('iframe').contentDocument.body.textContent.includes('said in the frame')";
    replay.until(framed, &json!(true)).await;
}

#[tokio::test]
async fn what_fields_held_by_their_markup_is_not_recorded() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    let fields = "<input type=password value=secret-1><input type=number value=secret-2><iframe srcdoc='<input value=secret-3>'></iframe>
        <div contenteditable id=editor>secret-4</div><div contenteditable=false>a plain text</div>";
    let write = format!("document.write({}); document.querySelector('input').value = ''", json!(fields));
    page.evaluate(&format!("document.open(); {write}; document.close()")).await;
    until_recorded(&folder, &session, "events", "a plain text").await;
    type_into(&mut page, "#editor", "secret-5").await;
    let add = "document.body.insertAdjacentHTML('beforeend', `<input type=password value=secret-6>`)";
    page.evaluate(&format!("{add}; document.body.lastChild.value = ''")).await;
    page.evaluate("document.querySelector('iframe').srcdoc = '<input value=secret-7>'").await;
    page.evaluate("document.body.append('said last')").await;
    until_recorded(&folder, &session, "events", "said last").await;
    let all = env.end_recorded(&session).await.to_string();
    assert!(!all.contains("secret-"), "{all}");
}

#[tokio::test]
async fn what_a_script_writes_into_an_opened_document_is_recorded() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "A page of text").await;
    page.evaluate("document.open(); document.write('<p>written</p><input id=new>'); document.close()").await;
    until_recorded(&folder, &session, "events", "written").await;
    page.evaluate("document.body.append('said later')").await;
    type_into(&mut page, "#new", "typed").await;
    let recording = env.end_recorded(&session).await;
    let (_, events) = only_target(&recording);
    assert!(events.iter().any(|event| event["data"]["source"] == 5 && event["data"]["text"] == "*****"), "{events:?}");
    let mut replay = replay(&env, events).await;
    replay.until("replayed.body.textContent", &json!("writtensaid later")).await;
}

#[tokio::test]
async fn a_page_that_never_ends_is_recorded_as_far_as_it_goes() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let session = env.acquire("?recording=true").await;
    let mut page = Cdp::link(&env.page(&session).await["webSocketDebuggerUrl"]).await.unwrap();
    page.call("Page.navigate", json!({"url": format!("{}/endless", site.url)})).await;
    until_recorded(&folder, &session, "events", "So far").await;
    page.evaluate("document.querySelector('h1').append(', and no end')").await;
    until_recorded(&folder, &session, "events", ", and no end").await;
    assert_eq!(page.evaluate("document.readyState").await, "loading");
}

#[tokio::test]
async fn a_page_that_is_closed_before_it_was_recorded_is_recorded() {
    let ((env, _folder), site) = (start().await, Site::start().await);
    let (session, _page) = env.record(&site.url).await;
    assert!(env.end_recorded(&session).await.to_string().contains("A page of text"));
}

/// rrweb begins later than a page is loaded, but not later than somebody does something there.
#[tokio::test]
async fn what_is_clicked_at_once_is_recorded() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    for kind in ["mousePressed", "mouseReleased"] {
        let event = json!({"type": kind, "x": 10, "y": 10, "button": "left", "clickCount": 1});
        page.call("Input.dispatchMouseEvent", event).await;
    }
    until_recorded(&folder, &session, "events", "A page of text").await;
    let recording = env.end_recorded(&session).await;
    let (_, events) = only_target(&recording);
    let pressed = |event: &Value| event["data"]["source"] == 2 && event["data"]["type"] == 1;
    assert_eq!(events.iter().filter(|event| pressed(event)).count(), 1, "{events:?}");
}

#[tokio::test]
async fn recordings_have_every_document_of_every_tab() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    page.call("Page.navigate", json!({"url": format!("{}/second", site.url)})).await;
    page.until("location.pathname == '/second' && document.readyState == 'complete'", &json!(true)).await;
    let tab = open(&env, &session, &format!("{}/tab", site.url)).await;
    let mut other = Cdp::link(&tab["webSocketDebuggerUrl"]).await.unwrap();
    other.until("location.pathname == '/tab' && document.readyState == 'complete'", &json!(true)).await;
    page.evaluate("void (window.popup = window.open('/popup'))").await;
    page.until("popup.document.readyState == 'complete' && popup.location.pathname == '/popup'", &json!(true)).await;
    page.evaluate("popup.document.body.append('said by the opener')").await;
    for text in ["This is /second", "This is /tab", "said by the opener"] {
        until_recorded(&folder, &session, "events", text).await;
    }
    let recording = env.end_recorded(&session).await;

    let events = recording["events"].as_object().unwrap();
    assert_eq!(events.len(), 3, "{:?}", events.keys());
    let by_href = |path: &str| {
        let url = format!("{}{path}", site.url);
        let found = events.values().find(|events| hrefs(events.as_array().unwrap()).contains(&url.as_str()));
        found.unwrap_or_else(|| panic!("{path} in {events:?}")).to_string()
    };
    assert!(by_href("/").contains("A page of text") && by_href("/second").contains("This is /second"));
    assert_eq!(by_href("/"), by_href("/second"), "one tab");
    assert!(events[&text(&tab["id"])].to_string().contains("This is /tab"));
    let popup = by_href("/popup");
    assert!(popup.contains("This is /popup") && popup.contains("said by the opener"), "{popup}");
}

#[tokio::test]
async fn recordings_go_on_after_a_pages_crash_and_say_so() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "A page of text").await;
    page.send("Page.crash", json!({})).await;
    page.event("Inspector.targetCrashed").await;
    page.send("Page.navigate", json!({"url": format!("{}/after", site.url)})).await;
    page.until("location.pathname == '/after' && document.readyState == 'complete'", &json!(true)).await;
    until_recorded(&folder, &session, "events", "This is /after").await;
    let recording = env.end_recorded(&session).await;
    let (_, events) = only_target(&recording);
    let crash = events.iter().position(|event| event["data"]["tag"] == "crash").unwrap();
    assert!(json!(events[..crash]).to_string().contains("A page of text"));
    assert!(json!(events[crash..]).to_string().contains("This is /after"));
}

#[tokio::test]
async fn recordings_are_there_after_chromiums_crash() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, _page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "A page of text").await;
    env.server.advance(Duration::from_secs(2));
    assert!(env.server.crash(&session));
    let recording = env.recording(&session).await;
    assert!(recording.to_string().contains("A page of text"));
}

#[tokio::test]
async fn a_recorder_is_invisible_for_the_page() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "A page of text").await;
    let plain = env.acquire("").await;
    let mut unrecorded = Cdp::link(&env.page(&plain).await["webSocketDebuggerUrl"]).await.unwrap();
    unrecorded.call("Page.navigate", json!({"url": site.url})).await;
    unrecorded.until("document.readyState == 'complete' && location.href != 'about:blank'", &json!(true)).await;
    let seen = "JSON.stringify([Object.getOwnPropertyNames(window).sort(), frames.length,
        document.documentElement.outerHTML, document.createElement.toString(), CSSStyleSheet.prototype.insertRule.toString(),
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.toString(),
        typeof rrweb, typeof recorded])";
    assert_eq!(text(&page.evaluate(seen).await), text(&unrecorded.evaluate(seen).await));
    let recording = env.end_recorded(&session).await;
    assert!(recording.to_string().contains("A page of text"), "it was there all the time");
}

#[tokio::test]
async fn a_page_hears_of_no_change_that_the_recorder_makes() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    let watch = "window.changes = []; new MutationObserver(all => changes.push(...all.flatMap(change =>
        [...change.addedNodes].map(node => node.nodeName)))).observe(document, {childList: true, subtree: true});";
    page.call("Page.enable", json!({})).await;
    page.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": watch})).await;
    page.call("Page.navigate", json!({"url": format!("{}/?again", site.url)})).await;
    until_recorded(&folder, &session, "events", "/?again").await;
    page.until("document.readyState", &json!("complete")).await;
    assert_eq!(page.evaluate("changes.filter(name => name == 'IFRAME').length").await, 1, "its own");
    page.evaluate("document.querySelector('#secret').type = 'text'").await;
    until_recorded(&folder, &session, "events", r#""type":"text""#).await;
    let attributes = "[...document.querySelector('#secret').attributes].map(({name}) => name).join()";
    assert_eq!(page.evaluate(attributes).await, "id,type", "no mark either");
}

#[tokio::test]
async fn a_recorder_is_invisible_for_cdp_clients() {
    let ((env, _folder), site) = (start().await, Site::start().await);
    let (session, _) = env.record(&site.url).await;
    let target = text(&env.page(&session).await["id"]);
    let mut client = env.cdp(&format!("/browser/{session}/page/{target}")).await;
    client.send("Runtime.enable", json!({})).await;
    client.send("Debugger.enable", json!({})).await;
    client.send("Page.enable", json!({})).await;
    client.send("Page.reload", json!({})).await;
    client.event("Page.loadEventFired").await;
    client.send("Page.reload", json!({})).await;
    let mut names = Vec::new();
    // Whatever was there before has been told of when this is.
    client.send("Page.createIsolatedWorld", json!({"frameId": target, "worldName": "last"})).await;
    while names.last().is_none_or(|name| name != "last") {
        let created = client.event("Runtime.executionContextCreated").await;
        names.push(text(&created["params"]["context"]["name"]));
    }
    assert!(names[..names.len() - 1].iter().all(String::is_empty), "{names:?}");

    let mut urls = vec![String::new()];
    client.send("Page.reload", json!({})).await;
    client.event("Page.loadEventFired").await;
    client.send("Runtime.evaluate", json!({"expression": "1 //# sourceURL=last.js"})).await;
    while urls.last().is_none_or(|url| url != "last.js") {
        urls.push(text(&client.event("Debugger.scriptParsed").await["params"]["url"]));
    }
    assert!(!urls.iter().any(|url| url.contains("recorder")), "{urls:?}");
}

#[tokio::test]
async fn recordings_have_the_rules_that_scripts_insert() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "Text in a frame").await;
    let style = "window.added = Object.assign(document.createElement('style'), {id: 'empty-yet'})";
    page.evaluate(&format!("{style}; void document.head.append(added)")).await;
    until_recorded(&folder, &session, "events", "empty-yet").await;
    page.evaluate("added.sheet.insertRule('h1 { margin: 11px }')").await;
    until_recorded(&folder, &session, "events", "margin: 11px").await;
    page.evaluate("added.sheet.insertRule('h1 { margin: 12px }', 0)").await;
    until_recorded(&folder, &session, "events", "margin: 12px").await;
    page.evaluate("added.sheet.deleteRule(1)").await;
    until_recorded(&folder, &session, "events", r#""removes":[{"index":1}]"#).await;
    let recording = env.end_recorded(&session).await;
    let (_, events) = only_target(&recording);
    let changes = events.iter().filter(|event| event["type"] == 3 && event["data"]["source"] == 8);
    let changes: Vec<_> = changes.map(|event| (&event["data"]["removes"], &event["data"]["adds"])).collect();
    let rule = |margin: &str| json!([{"rule": format!("h1 {{ margin: {margin}; }}"), "index": 0}]);
    let (none, first, second) = (json!([]), rule("11px"), rule("12px"));
    assert_eq!(changes, [(&none, &first), (&none, &second), (&json!([{"index": 1}]), &none)]);
    let mut replay = replay(&env, events).await;
    replay.until("getComputedStyle(replayed.querySelector('h1')).marginTop", &json!("12px")).await;
}

#[tokio::test]
async fn recordings_have_the_sheets_that_scripts_adopt() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "Text in a frame").await;
    let root =
        "window.root = document.body.appendChild(document.createElement('section')).attachShadow({mode: 'open'})";
    page.evaluate(&format!("{root}; root.innerHTML = '<p>In a shadow</p>'")).await;
    until_recorded(&folder, &session, "events", "In a shadow").await;
    let adopt = |margin: u32, into: &str| {
        format!("window.sheet = new {into}.CSSStyleSheet(); sheet.replaceSync('h1, p {{ margin: {margin}px }}')")
    };
    for (margin, into, adopts) in [
        (21, "window", "document.adoptedStyleSheets = [sheet]"),
        (22, "window", "root.adoptedStyleSheets = [sheet]"),
        (23, "frames[0]", "frames[0].document.adoptedStyleSheets.push(sheet)"),
    ] {
        page.evaluate(&format!("{}; void ({adopts})", adopt(margin, into))).await;
        until_recorded(&folder, &session, "events", &format!("margin: {margin}px")).await;
    }
    page.evaluate("document.adoptedStyleSheets[0].replaceSync('h1 { margin: 24px }')").await;
    until_recorded(&folder, &session, "events", "margin: 24px").await;
    page.evaluate("root.adoptedStyleSheets[0].insertRule('p { padding: 25px }')").await;
    until_recorded(&folder, &session, "events", "padding: 25px").await;
    let recording = env.end_recorded(&session).await;
    let mut replay = replay(&env, only_target(&recording).1).await;
    let shown = "(() => {
        const style = (root, element) => getComputedStyle(root.querySelector(element));
        const shadow = style(replayed.querySelector('section').shadowRoot, 'p');
        const frame = style(replayed.querySelector('iframe').contentDocument, 'p');
        return [style(replayed, 'h1').marginTop, shadow.marginTop, shadow.paddingTop, frame.marginTop].join();
    })()";
    replay.until(shown, &json!("24px,22px,25px,23px")).await;
}

#[tokio::test]
async fn what_happens_to_an_element_comes_after_the_element() {
    let ((env, folder), site) = (start().await, Site::start().await);
    let (session, mut page) = env.record(&site.url).await;
    until_recorded(&folder, &session, "events", "Text in a frame").await;
    page.evaluate("document.body.append(Object.assign(document.createElement('input'), {id: 'new'}))").await;
    type_into(&mut page, "#new", "typed").await;
    let recording = env.end_recorded(&session).await;
    let (_, events) = only_target(&recording);
    let typed = events.iter().position(|event| event["data"]["source"] == 5 && event["data"]["text"] == "*****");
    let (before, after) = events.split_at(typed.unwrap());
    let is_there = format!(r#""id":{}"#, after[0]["data"]["id"]);
    assert!(json!(before).to_string().contains(&is_there), "{events:?}");
}
