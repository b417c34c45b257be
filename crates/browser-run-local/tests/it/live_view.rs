//! Live views without panels, seen and used in a second Chromium.

use axum::{Router, extract::Path, response::Html, routing::get};
use cdp_client::Cdp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    env::{Env, LONG, answer, text, until},
    person::Person,
    viewer::{Viewer, loaded, open},
};

/// A page that is one colour, with a field at its top, which says what is done to it.
async fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let page = async |Path(colour): Path<String>| {
        Html(format!(
            "<!doctype html><title>The {colour} page</title>
            <body style='margin: 0; height: 3000px; background: {colour}'>
            <input style='position: fixed; top: 0; left: 0; width: 100%; height: 80px; font-size: 40px'>
            <script>
                window.clicks = [];
                onclick = event => clicks.push([event.clientX, event.clientY]);
            </script>"
        ))
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/{colour}", get(page))).await });
    url
}

/// A tab of a new session, and a live view of it.
pub(crate) async fn live_view(env: &Env, url: &str, wanted: Value) -> (Cdp, Viewer, String) {
    let seen = env.acquire(LONG).await;
    let tab = open(env, &seen, url).await;
    let body = json!({"targetId": tab["id"]});
    let body = Value::Object(
        body.as_object().unwrap().clone().into_iter().chain(wanted.as_object().unwrap().clone()).collect(),
    );
    let (status, view) = answer(env.request("POST", &format!("/browser/{seen}/live_view")).json(&body)).await;
    assert_eq!(status, 200, "{view}");
    let viewer = Viewer::at(&text(&view["devtoolsFrontendUrl"])).await;
    (loaded(&tab).await, viewer, seen)
}

/// Whether the middle of the picture has this colour, more or less: it is a JPEG.
pub(crate) fn middle_is(red: u8, green: u8, blue: u8) -> String {
    format!(
        "(() => {{
            const canvas = document.querySelector('canvas');
            const at = [canvas.width / 2, canvas.height / 2, 1, 1];
            const pixel = canvas.getContext('2d').getImageData(...at).data;
            return [{red}, {green}, {blue}].every((part, i) => Math.abs(part - pixel[i]) < 12);
        }})()"
    )
}

/// A point of the picture, in parts of its size, as a point of the viewer's page.
async fn at(viewer: &mut Viewer, x: f64, y: f64) -> (f64, f64) {
    let point = format!(
        "(() => {{
            const box = document.querySelector('canvas').getBoundingClientRect();
            return [box.left + {x} * box.width, box.top + {y} * box.height];
        }})()"
    );
    let point = viewer.0.evaluate(&point).await;
    (point[0].as_f64().unwrap(), point[1].as_f64().unwrap())
}

#[tokio::test]
async fn a_tab_is_shown_and_controlled_without_panels() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut page, mut viewer, _) = live_view(&env, &format!("{site}/blue"), json!({"mode": "tab"})).await;
    viewer.waits_for(&middle_is(0, 0, 255)).await;
    viewer.waits_for("document.title == 'The blue page' && document.getElementById('notice').hidden").await;
    viewer.waits_for("getComputedStyle(document.querySelector('header')).display == 'none'").await;

    let (x, y) = at(&mut viewer, 0.5, 0.5).await;
    viewer.clicks(x, y).await;
    let click = until("the click arrives", async || {
        Some(page.evaluate("[clicks[0], [innerWidth, innerHeight]]").await).filter(|click| click[0].is_array())
    });
    let click = click.await;
    let near = |i: usize| (click[0][i].as_f64().unwrap() - click[1][i].as_f64().unwrap() / 2.0).abs() < 2.0;
    assert!(near(0) && near(1), "the middle is the middle: {click}");

    let (x, y) = at(&mut viewer, 0.5, 0.03).await;
    viewer.clicks(x, y).await;
    viewer.types("Hi, ä!").await;
    until("what was typed arrives", async || {
        (page.evaluate("document.querySelector('input').value").await == "Hi, ä!").then_some(())
    })
    .await;
    let (x, y) = at(&mut viewer, 0.5, 0.5).await;
    let wheel = json!({"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": 400});
    viewer.0.call("Input.dispatchMouseEvent", wheel).await;
    until("it is scrolled", async || (page.evaluate("scrollY > 0").await == true).then_some(())).await;
    page.evaluate("document.body.style.background = 'lime'").await;
    viewer.waits_for(&middle_is(0, 255, 0)).await;
    viewer.keep_a_screenshot("tab.png").await;
}

#[tokio::test]
async fn a_dialog_of_the_page_is_shown_and_answered() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut page, mut viewer, _) = live_view(&env, &format!("{site}/blue"), json!({"mode": "tab"})).await;
    viewer.waits_for(&middle_is(0, 0, 255)).await;
    page.send("Runtime.evaluate", json!({"expression": "answered = prompt('Your name?', 'x')"})).await;
    viewer.waits_for("document.querySelector('dialog').open").await;
    viewer.waits_for("document.getElementById('message').textContent == 'Your name?'").await;
    viewer.0.evaluate("document.getElementById('answer').value = 'Ada'").await;
    viewer.0.evaluate("document.querySelector('dialog button[value=accept]').click()").await;
    until("it is answered", async || (page.evaluate("answered").await == "Ada").then_some(())).await;
}

#[tokio::test]
async fn all_tabs_are_shown_below_a_strip_and_an_address_bar() {
    let (env, site) = (Env::lent().await, site().await);
    let (mut page, mut viewer, session) = live_view(&env, &format!("{site}/blue"), json!({"mode": "full"})).await;
    viewer.waits_for(&middle_is(0, 0, 255)).await;
    viewer.waits_for("document.querySelectorAll('.tab').length == 2").await;
    viewer.waits_for(&format!("document.getElementById('address').value == '{site}/blue'")).await;

    let goes_to = format!(
        "(() => {{
            document.getElementById('address').value = '{}/red';
            document.getElementById('bar').requestSubmit();
        }})()",
        site.strip_prefix("http://").unwrap()
    );
    viewer.0.evaluate(&goes_to).await;
    viewer.waits_for(&middle_is(255, 0, 0)).await;
    assert_eq!(page.evaluate("location.pathname").await, "/red");
    viewer.0.evaluate("document.getElementById('back').click()").await;
    viewer.waits_for(&middle_is(0, 0, 255)).await;

    // The session's first page, which is blank, and back.
    viewer.0.evaluate("[...document.querySelectorAll('.tab[aria-selected=false] .title')][0].click()").await;
    viewer.waits_for(&middle_is(255, 255, 255)).await;
    viewer.waits_for("document.getElementById('address').value == 'about:blank'").await;
    open(&env, &session, &format!("{site}/lime")).await;
    viewer.waits_for(&middle_is(0, 255, 0)).await;
    viewer.waits_for("document.querySelectorAll('.tab').length == 3").await;
    viewer.waits_for("document.querySelector('.tab[aria-selected=true]').textContent.includes('lime')").await;
    viewer.keep_a_screenshot("full.png").await;

    viewer.0.evaluate("document.querySelector('.tab[aria-selected=true] .close').click()").await;
    viewer.waits_for("document.querySelectorAll('.tab').length == 2").await;
    viewer.0.evaluate("document.getElementById('new').click()").await;
    viewer.waits_for("document.querySelectorAll('.tab').length == 3").await;
    let open_now = env.ok("GET", &format!("/browser/{session}/json")).await;
    assert_eq!(open_now.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_ended_session_is_shown_as_ended() {
    let (env, site) = (Env::start().await, site().await);
    let (_page, mut viewer, session) = live_view(&env, &format!("{site}/blue"), json!({"mode": "tab"})).await;
    viewer.waits_for(&middle_is(0, 0, 255)).await;
    env.ok("DELETE", &format!("/browser/{session}")).await;
    viewer.shows("This live view has ended").await;
    viewer.keep_a_screenshot("ended.png").await;
}

#[tokio::test]
async fn the_cursor_has_the_shape_that_the_page_gives_it() {
    let html = "<body style='margin: 0; font-size: 40px'><style>* { margin: 0 } .row { height: 80px }</style>
        <div class=row><a id=link href=/other>A link</a></div><div class=row><span id=text>Some words</span></div>
        <div class=row id=held style='cursor: grab'></div>
        <div class=row id=drawn style='cursor: url(none.png), zoom-in'></div><div class=row id=empty></div>
        <input id=field>";
    let mut person = Person::at(html, "tab").await;
    for (id, shape) in [
        ("link", "pointer"),
        ("text", "text"),
        ("held", "grab"),
        ("drawn", "zoom-in"),
        ("empty", "default"),
        ("field", "text"),
    ] {
        let (x, y) = person.point_of(&format!("#{id}"), 0.5, 0.5).await;
        person.view.points_at(x, y).await;
        person.view.waits_for(&format!("document.getElementById('page').style.cursor == '{shape}'")).await;
    }
}

#[tokio::test]
async fn the_address_bar_says_what_is_wrong() {
    let (env, site) = (Env::lent().await, site().await);
    let mut person = Person::on(env, &format!("{site}/blue"), json!({"mode": "full"})).await;
    for (typed, says) in [
        ("two words", "“two words” is no address, and nothing is searched for here"),
        ("", "Type an address"),
        ("http://", "“http://” is no address"),
        ("nowhere.invalid", "This could not be opened: net::ERR_NAME_NOT_RESOLVED"),
    ] {
        let enter = format!(
            "document.getElementById('address').value = '{typed}', document.getElementById('bar').requestSubmit()"
        );
        person.view.0.evaluate(&enter).await;
        person.view.waits_for(&format!("document.getElementById('problem').textContent.includes('{says}')")).await;
        person.view.keep_a_screenshot("address.png").await;
    }
    let enter = format!("address.value = '{site}/red', bar.requestSubmit()");
    person.view.0.evaluate(&enter).await;
    person.view.waits_for(&middle_is(255, 0, 0)).await;
    person.view.waits_for("problem.hidden").await;
}

#[tokio::test]
async fn pictures_are_sharp_for_who_is_alone_and_changed_for_nobody() {
    const WIDTH: &str = "document.querySelector('canvas').width";
    let (env, site) = (Env::lent().await, site().await);
    let mut person = Person::on(env, &format!("{site}/blue"), json!({"mode": "tab"})).await;
    let screen = json!({"width": 1500, "height": 900, "deviceScaleFactor": 2, "mobile": false});
    person.view.0.call("Emulation.setDeviceMetricsOverride", screen).await;
    let (x, y) = person.view.point_at(0.5, 0.5).await;
    let size = person.page.evaluate("resized = 0, onresize = () => resized++, [innerWidth, innerHeight]").await;
    assert_eq!(person.view.0.evaluate(WIDTH).await, 1280, "somebody else is connected");
    // To another session: nobody but the viewer is left in this one.
    let elsewhere = person.env.acquire(LONG).await;
    person.page = person.env.cdp(&format!("/browser/{elsewhere}")).await;
    person.view.waits_for(&format!("{WIDTH} == 3000")).await;
    person.view.clicks(x, y).await;
    person.page = Cdp::link(&person.tab["webSocketDebuggerUrl"]).await.unwrap();
    person.view.waits_for(&format!("{WIDTH} == 1280")).await;
    let seen = person.page.evaluate("[[innerWidth, innerHeight], resized, devicePixelRatio, clicks.length]").await;
    assert_eq!(seen, json!([size, 0, 1, 1]));
    let click = person.page.evaluate("clicks[0]").await;
    let middle = |i: usize| (click[i].as_f64().unwrap() - size[i].as_f64().unwrap() / 2.0).abs() < 2.0;
    assert!(middle(0) && middle(1), "{click}");
}

#[tokio::test]
async fn several_viewers_see_and_use_the_same_page() {
    let (env, site) = (Env::lent().await, site().await);
    let mut person = Person::on(env, &format!("{site}/blue"), json!({"mode": "tab"})).await;
    let mut others = Vec::new();
    for _ in 0..7 {
        others.push(person.joined_by(json!({"mode": "tab"})).await);
    }
    person.page.evaluate("document.body.style.background = 'lime'").await;
    person.view.waits_for(&middle_is(0, 255, 0)).await;
    for other in &mut others {
        other.waits_for(&middle_is(0, 255, 0)).await;
    }
    let last = others.last_mut().unwrap();
    let (x, y) = at(last, 0.5, 0.5).await;
    last.clicks(x, y).await;
    person.page_has("clicks.length", json!(1)).await;
}

#[tokio::test]
async fn what_moves_on_the_page_moves_in_the_view() {
    let (env, site) = (Env::lent().await, site().await);
    let mut person = Person::on(env, &format!("{site}/blue"), json!({"mode": "tab"})).await;
    let moves = "(function move(grey) {
        document.body.style.background = `rgb(${grey}, ${grey}, ${grey})`;
        requestAnimationFrame(() => move((grey + 50) % 256));
    })(0)";
    let counts = "globalThis.pictures = 0;
    (function count(last) {
        const canvas = document.querySelector('canvas');
        const [red] = canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
        pictures += red != last;
        requestAnimationFrame(() => count(red));
    })()";
    person.view.0.evaluate(counts).await;
    person.page.evaluate(moves).await;
    let start = std::time::Instant::now();
    // Four seconds', where nothing else runs.
    person.view.waits_for("pictures >= 100").await;
    println!("100 pictures in {:?}", start.elapsed());
}
