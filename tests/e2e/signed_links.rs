//! Signed links: whoever has one may open what it says, and nothing else.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use cdp_client::Cdp;
use hmac::{Hmac, Mac as _};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    environment::{guarded, site},
    people::{Answer, Person, answer},
    until::until,
    worker::Worker,
};

const NEW_KEY: &[u8] = b"the newer key, with which links are signed";
const OLD_KEY: &[u8] = b"the older key, whose links are still valid";

/// The secret that holds both.
pub(crate) fn keys() -> (&'static str, String) {
    let (new, old) = (BASE64_STANDARD.encode(NEW_KEY), BASE64_STANDARD.encode(OLD_KEY));
    ("LINK_KEYS", format!("new:{new},old:{old}"))
}

/// Makes a link; answers its id and its path.
pub(crate) async fn make(person: Person<'_>, link: Value) -> (String, String) {
    let made = person.post("/api/links", link).await;
    let view = made.json(201);
    let id = view["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/api/links/{id}"));
    let path = view["link"].as_str().unwrap().strip_prefix(&person.worker.origin).unwrap().to_owned();
    (id, path)
}

/// Follows a link without any other access, as a program does.
async fn follow(worker: &Worker, path: &str) -> Answer {
    answer(worker.get(path)).await
}

/// The same link, signed with another key.
fn signed_with(id: &str, key: &[u8], path: &str) -> String {
    let payload = path.split('.').nth(2).unwrap();
    let signed = format!("1.{id}.{payload}");
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(signed.as_bytes());
    format!("/l/{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn a_one_time_link_opens_one_browser_for_whoever_has_it() {
    let (environment, site) = (guarded().await, site().await);
    let (otto, worker) = (environment.person("otto"), &environment.worker);
    let page = format!("{}/signed", site.origin);
    let (id, path) = make(otto, json!({ "url": page, "max_opens": 1, "mode": "tab", "note": "for Rosa" })).await;
    let opened = follow(worker, &path).await.opened(302);
    assert!(opened.link.contains("mode=tab"), "{opened:?}");
    Cdp::behind(&opened.link).await.unwrap().until("location.href", &json!(page)).await;
    let used_up = follow(worker, &path).await.problem(410, "link-used-up");
    assert!(used_up.contains("for 1 browser"), "{used_up}");
    let links = otto.get("/api/links").await.json(200);
    let link = links["links"].as_array().unwrap().iter().find(|link| link["id"] == *id).unwrap();
    assert_eq!((&link["opens"], &link["max_opens"], &link["note"]), (&json!(1), &json!(1), &json!("for Rosa")));
    assert_eq!((&link["url"], &link["mode"]), (&json!(page), &json!("tab")));
    assert!(!links.to_string().contains(path.rsplit('.').next().unwrap()), "not the link itself");
}

#[tokio::test]
async fn a_link_is_its_makers_to_list_and_revoke_and_says_when_it_is_over() {
    let environment = guarded().await;
    let (otto, pia, worker) = (environment.person("otto"), environment.person("pia"), &environment.worker);
    let (id, path) = make(otto, json!({ "url": "https://example.com/revoked" })).await;
    assert_eq!(pia.get("/api/links").await.json(200), json!({ "links": [] }));
    pia.delete(&format!("/api/links/{id}")).await.problem(404, "not-found");
    for _ in 0..2 {
        assert_eq!(otto.delete(&format!("/api/links/{id}")).await.status, 204);
    }
    follow(worker, &path).await.problem(410, "link-revoked");

    let (_, path) = make(otto, json!({ "url": "https://example.com/expired", "expires_in": 1 })).await;
    until("the link has expired", async || {
        // As a preview: what is not expired yet is not opened.
        let answered = answer(worker.request(Method::HEAD, &path)).await;
        if answered.status == 410 { Ok(()) } else { Err(format!("{answered:?}")) }
    })
    .await;
    follow(worker, &path).await.problem(410, "link-expired");

    answer(worker.request(Method::POST, "/api/links")).await.problem(401, "unauthorized");
    answer(worker.get("/api/links")).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_changed_link_is_refused_without_a_word_on_what_it_says() {
    let environment = guarded().await;
    let (otto, worker) = (environment.person("otto"), &environment.worker);
    let (_, path) = make(otto, json!({ "url": "https://example.com/original", "max_opens": 1 })).await;
    let parts: Vec<_> = path.split('.').collect();
    let payload = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(parts[2]).unwrap()).unwrap();
    let payload = |from: &str, to: &str| {
        assert!(payload.contains(from), "{payload}");
        let changed = BASE64_URL_SAFE_NO_PAD.encode(payload.replace(from, to));
        format!("{}.{}.{changed}.{}", parts[0], parts[1], parts[3])
    };
    let no_signature = format!("{}.{}.{}.", parts[0], parts[1], parts[2]);
    for changed in [
        payload("original", "another"),
        payload("\"max\":1", "\"max\":9"),
        format!("{}.old.{}.{}", parts[0], parts[2], parts[3]),
        signed_with("new", OLD_KEY, &path),
        signed_with("unknown", NEW_KEY, &path),
        format!("{path}A"),
        path[..path.len() - 1].to_owned(),
        no_signature,
        "/l/".to_owned(),
    ] {
        let refused = follow(worker, &changed).await;
        assert_eq!(refused.problem(403, "link-invalid"), "this link is not one that was made here", "{changed}");
    }
    let rotated = signed_with("old", OLD_KEY, &path);
    let preview = answer(worker.request(Method::HEAD, &rotated)).await;
    assert_eq!(preview.status, 200, "an older key's links are valid");
}

#[tokio::test]
async fn a_link_to_confirm_waits_for_its_button() {
    let (environment, site) = (guarded().await, site().await);
    let worker = &environment.worker;
    let page = format!("{}/confirmed", site.origin);
    let (_, path) = make(environment.person("otto"), json!({ "url": page, "confirm": true })).await;
    let preview = answer(worker.get(&path)).await;
    assert_eq!(preview.status, 200);
    assert!(preview.body.contains(r#"<form method="post"><button>Open DevTools"#), "{}", preview.body);
    let opened = answer(worker.request(Method::POST, &path)).await.opened(303);
    Cdp::behind(&opened.link).await.unwrap().until("location.href", &json!(page)).await;
    assert_eq!(site.targets("/confirmed").len(), 1, "the preview opened nothing");
}
