//! Cloudflare's own packages for Workers, unmodified, in a Worker whose binding leads here.

use browser_run_local::Config;
use serde_json::{Value, json};

use crate::{
    clients::run_client,
    env::{Env, TOKEN, site, text, until},
};

/// What a package found and did.
fn check(package: &str, told: &Value, site: &str) -> String {
    let id = text(&told["sessionId"]);
    let nothing = json!({"activeSessions": [], "maxConcurrentSessions": 2, "allowedBrowserAcquisitions": 1,
        "timeUntilNextAllowedBrowserAcquisition": 0});
    assert_eq!(told["before"], nothing, "{package}");
    let worked = &told["worked"];
    assert_eq!(worked["heading"], "Hello from the small site", "{package}");
    assert_eq!(worked["url"], format!("{site}/first"), "{package} went back");
    assert!(worked["screenshot"].as_u64().unwrap() > 1_000, "{package}: {worked}");
    let during = &told["during"];
    assert_eq!(during["limits"]["activeSessions"], json!([{"id": id}]), "{package}");
    assert_eq!(during["sessions"].as_array().unwrap().len(), 1, "{package}: {during}");
    let running = &during["sessions"][0];
    assert!(running["sessionId"] == id && running["connectionId"].is_string(), "{package}: {running}");
    assert_eq!(during["history"][0], *running, "{package}");
    id
}

#[tokio::test]
async fn cloudflares_packages_work_over_a_workers_binding() {
    let limits = browser_run_local::Limits { max_sessions: Some(2), ..Default::default() };
    let (env, site) = (Env::with(Config { limits, ..Config::new(TOKEN) }).await, site().await);
    for package in ["puppeteer", "playwright"] {
        let path = format!("/{package}?site={site}");
        let said = run_client("binding.mjs", &[&env.server.url(), TOKEN, &path]).await;
        let told = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{package}: {said}"));
        let id = check(package, &told, &site);
        if package == "puppeteer" {
            assert_eq!(told["pages"], 2, "the page is there when it connects again: {told}");
            assert!(text(&told["refused"]).contains("kitesurf"), "{told}");
        }
        until("it has ended", async || (env.binding("/v1/sessions").await["sessions"] == json!([])).then_some(()))
            .await;
        let history = env.binding("/v1/history").await;
        assert_eq!(history["history"][0]["sessionId"], id, "{package}");
        assert_eq!(history["history"][0]["closeReasonText"], "NormalClosure", "{package}");
    }
}
