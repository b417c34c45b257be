//! Files: the viewer's own for the page, the page's downloads for the viewer.

use std::{fs, path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    response::Html,
    routing::get,
};
use browser_run_local::Config;
use futures_util::{StreamExt as _, stream};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    env::{Env, TOKEN, answer, message, text, until},
    person::{Person, serve, serve_site},
};

const CHOOSES: &str = "<input id=files type=file multiple accept='.txt,image/*' style='font-size: 40px; width: 600px'>";
const IS_ASKED: &str = "document.getElementById('chooser').open";

/// Chooses files in the viewer's own chooser.
async fn chooses(person: &mut Person, files: &[&Path]) {
    let document = person.view.0.call("DOM.getDocument", json!({})).await;
    let input = json!({"nodeId": document["root"]["nodeId"], "selector": "#files"});
    let input = person.view.0.call("DOM.querySelector", input).await;
    let set = json!({"files": files, "nodeId": input["nodeId"]});
    person.view.0.call("DOM.setFileInputFiles", set).await;
}

/// The files below a folder.
fn below(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let names = |path: std::path::PathBuf| match path.is_dir() {
        true => below(&path),
        false => vec![path.file_name().unwrap().to_string_lossy().into_owned()],
    };
    entries.flat_map(names).collect()
}

/// The endpoints beside a link's page, and the link's token.
async fn endpoint(person: &mut Person, path: &str) -> String {
    let socket = text(&person.view.0.evaluate("document.body.dataset.socket").await);
    let (page, credential) = socket.split_once('?').unwrap();
    format!("http://{page}{path}?{credential}")
}

#[tokio::test]
async fn chosen_files_arrive_in_the_page_and_go_with_the_session() {
    let (own, tmpdir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut config = Config::new(TOKEN);
    config.tmpdir = tmpdir.path().to_owned();
    let env = Env::with(config).await;
    let mut person = Person::on(env, &serve(CHOOSES).await, json!({"mode": "tab"})).await;
    let (first, second) = (own.path().join("Grüße 東京.txt"), own.path().join("two.txt"));
    fs::write(&first, "Hello from the viewer").unwrap();
    fs::write(&second, vec![b'x'; 3_000_000]).unwrap();

    person.clicks("#files").await;
    person.view.waits_for(IS_ASKED).await;
    let asked = "(field => [field.accept, field.multiple])(document.querySelector('#chooser input'))";
    assert_eq!(person.view.0.evaluate(asked).await, json!([".txt,image/*", true]));
    person.view.keep_a_screenshot("chooser.png").await;
    chooses(&mut person, &[&first, &second]).await;
    person.page_has("[...files.files].map(file => file.name)", json!(["Grüße 東京.txt", "two.txt"])).await;
    assert_eq!(person.page.evaluate("files.files[1].size").await, 3_000_000);
    let read = json!({"expression": "files.files[0].text()", "awaitPromise": true});
    assert_eq!(person.page.call("Runtime.evaluate", read).await["result"]["value"], "Hello from the viewer");
    person.view.waits_for(&format!("!{IS_ASKED} && document.activeElement.id == 'keys'")).await;

    assert!(below(tmpdir.path()).contains(&"two.txt".to_owned()));
    person.env.ok("DELETE", &format!("/browser/{}", person.session)).await;
    until("the files go", async || (!below(tmpdir.path()).contains(&"two.txt".to_owned())).then_some(())).await;
}

#[tokio::test]
async fn a_file_that_is_too_large_is_said_to_be_and_another_can_follow() {
    let own = tempfile::tempdir().unwrap();
    let mut person = Person::at(CHOOSES, "tab").await;
    let (large, small) = (own.path().join("large.txt"), own.path().join("small.txt"));
    // Without a byte on the disk.
    fs::File::create(&large).unwrap().set_len(257 * 1024 * 1024).unwrap();
    fs::write(&small, "small").unwrap();
    person.clicks("#files").await;
    person.view.waits_for(IS_ASKED).await;
    chooses(&mut person, &[&large]).await;
    person.view.waits_for("document.getElementById('chooser-state').textContent.includes('could not be sent')").await;
    person.view.keep_a_screenshot("too-large.png").await;
    chooses(&mut person, &[&small]).await;
    person.page_has("files.files[0]?.name", json!("small.txt")).await;
}

/// A page with a link to a file that arrives in two parts.
async fn downloads() -> String {
    let file = async || {
        let headers =
            [(CONTENT_TYPE, "text/html"), (CONTENT_DISPOSITION, "attachment; filename*=UTF-8''r%C3%A9sum%C3%A9.html")];
        (headers, "<script>alert('run here')</script>")
    };
    let page = async || Html("<body><a id=link href=/file style='font-size: 80px'>Download</a>");
    serve_site(Router::new().route("/", get(page)).route("/file", get(file))).await
}

#[tokio::test]
async fn a_download_is_offered_with_its_name_for_as_long_as_the_view() {
    let mut person = Person::on(Env::start().await, &downloads().await, json!({"mode": "tab"})).await;
    person.clicks("#link").await;
    person.view.waits_for("document.querySelector('#downloads a')?.textContent == 'résumé.html'").await;
    person.view.keep_a_screenshot("download.png").await;
    // The link starts connections no more, but the view is there.
    person.env.server.advance(Duration::from_secs(301));
    let href = text(&person.view.0.evaluate("document.querySelector('#downloads a').href").await);
    let response = reqwest::get(&href).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers().clone();
    assert_eq!(headers[CONTENT_DISPOSITION], "attachment; filename*=UTF-8''r%C3%A9sum%C3%A9%2Ehtml");
    assert_eq!(headers[CONTENT_TYPE], "application/octet-stream");
    assert_eq!(headers[CONTENT_SECURITY_POLICY], "sandbox");
    assert_eq!(response.text().await.unwrap(), "<script>alert('run here')</script>");

    let mut late = person.view;
    late.0.call("Page.navigate", json!({"url": "about:blank"})).await;
    until("the link is no more", async || {
        (reqwest::get(&href).await.unwrap().status() == StatusCode::UNAUTHORIZED).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_download_under_way_shows_its_progress() {
    let whole = Arc::new(Notify::new());
    let rest = Arc::clone(&whole);
    let file = async move || {
        let parts = stream::iter([0, 1]).then(move |part| {
            let rest = Arc::clone(&rest);
            async move {
                if part > 0 {
                    rest.notified().await;
                }
                Ok::<_, std::io::Error>(vec![b'x'; 2_000_000])
            }
        });
        let headers = [(CONTENT_DISPOSITION, "attachment; filename=large.bin"), (CONTENT_LENGTH, "4000000")];
        (headers, Body::from_stream(parts))
    };
    let page = async || Html("<body><a id=link href=/file style='font-size: 80px'>Download</a>");
    let site = serve_site(Router::new().route("/", get(page)).route("/file", get(file))).await;
    let mut person = Person::on(Env::start().await, &site, json!({"mode": "full"})).await;
    person.clicks("#link").await;
    let bar =
        "(bar => bar && [bar.value, bar.max, bar.ariaLabel].join())(document.querySelector('#downloads progress'))";
    person.view.waits_for(&format!("{bar} == '2000000,4000000,large.bin'")).await;
    person.view.keep_a_screenshot("progress.png").await;
    whole.notify_one();
    person.view.waits_for("document.querySelector('#downloads li').textContent == 'large.bin4.0 MB×'").await;
    person.view.clicks_own("#downloads button").await;
    person.view.waits_for("document.getElementById('downloads').hidden").await;
}

#[tokio::test]
async fn a_download_is_in_the_profile_after_a_client_wanted_it_elsewhere() {
    let (elsewhere, tmpdir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut config = Config::new(TOKEN);
    config.tmpdir = tmpdir.path().to_owned();
    let mut person = Person::on(Env::with(config).await, &downloads().await, json!({"mode": "tab"})).await;
    let mut client = person.env.cdp(&format!("/browser/{}", person.session)).await;
    let wanted = json!({"behavior": "allow", "downloadPath": elsewhere.path(), "eventsEnabled": true});
    client.call("Browser.setDownloadBehavior", wanted).await;
    person.clicks("#link").await;
    person.view.waits_for("document.querySelectorAll('#downloads a').length == 1").await;
    assert_eq!(below(elsewhere.path()), ["résumé.html"]);
    assert!(!below(tmpdir.path()).contains(&"résumé.html".to_owned()));
    // Chromium forgets what a client wanted when it leaves.
    drop(client);
    until("the client is gone", async || {
        person.clicks("#link").await;
        below(tmpdir.path()).contains(&"résumé.html".to_owned()).then_some(())
    })
    .await;
    let links = "[...document.querySelectorAll('#downloads a')].map(link => link.href)";
    person.view.waits_for(&format!("{links}.length > 1")).await;
    for href in person.view.0.evaluate(links).await.as_array().unwrap() {
        assert_eq!(reqwest::get(text(href)).await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn files_go_by_links_that_control_the_page_and_by_no_other() {
    let read_only = json!({"mode": "tab", "guardrails": {"mode": "readonly"}});
    let mut person = Person::on(Env::start().await, &downloads().await, read_only).await;
    let upload = endpoint(&mut person, "/files").await;
    let download = endpoint(&mut person, "/downloads/0").await;
    let http = reqwest::Client::new();
    for (method, url) in [(Method::POST, &upload), (Method::GET, &download)] {
        let (status, body) = answer(http.request(method.clone(), url).body("x")).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{url}");
        assert!(message(&body).contains("read-only"), "{body}");
        let wrong = [url.replace("jwt=", "jwt=x"), url.split('?').next().unwrap().to_owned()];
        for url in wrong {
            assert_eq!(answer(http.request(method.clone(), &url)).await.0, StatusCode::UNAUTHORIZED, "{url}");
        }
    }
    person.page.evaluate("document.getElementById('link').click()").await;
    // A read-only link to one page is told of no downloads.
    let mut controller = person.joined_by(json!({"mode": "tab"})).await;
    controller.waits_for("document.querySelector('#downloads a') !== null").await;
    assert_eq!(person.view.0.evaluate("document.getElementById('downloads').children.length").await, 0);
    let controls = text(&controller.0.evaluate("document.querySelector('#downloads a').href").await);
    let guid = controls.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let (status, _) = answer(http.get(download.replace("/downloads/0", &format!("/downloads/{guid}")))).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    for other in ["0", "..%2f..%2fLocal%20State"] {
        let missing = controls.replace(&guid, other);
        assert_eq!(answer(http.get(&missing)).await.0, StatusCode::NOT_FOUND, "{missing}");
    }
    let kept: Value = http
        .post(controls.replace(&format!("/downloads/{guid}"), "/files") + "&name=../../x")
        .body("y")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert!(text(&kept["path"]).ends_with("/x") && !text(&kept["path"]).contains(".."), "{kept}");
}
