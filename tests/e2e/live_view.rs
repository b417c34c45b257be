//! `mode` and `readonly` are what Browser Run is asked for.

use serde_json::json;

use crate::{
    environment::scripted,
    scripted::{SESSION, TARGET, ok, target},
};

#[tokio::test]
async fn mode_and_readonly_reach_browser_run_and_its_link_comes_back() {
    const PLAIN: &str = "https://live.browser.run/ui/view?plain";
    const LINK: &str = "https://live.browser.run/ui/view?mode=tab&wss=live.browser.run/api/x?jwt=a.b.c";
    for (options, wanted) in [
        ([("mode", "tab")], json!({ "mode": "tab", "targetId": TARGET })),
        ([("mode", "full")], json!({ "mode": "full", "targetId": TARGET })),
        ([("mode", "devtools")], json!({ "mode": "devtools", "targetId": TARGET })),
        ([("readonly", "true")], json!({ "guardrails": { "mode": "readonly" }, "targetId": TARGET })),
    ] {
        let upstream = scripted().await;
        upstream.acquires().await;
        upstream.answer(&format!("PUT /browser/{SESSION}/json/new"), target(PLAIN)).await;
        let live_view = json!({
            "id": TARGET,
            "devtoolsFrontendUrl": LINK,
            "webSocketDebuggerUrl": "wss://live.browser.run/api/x?jwt=a.b.c",
            "options": { "mode": "tab" },
        });
        upstream.answer(&format!("POST /browser/{SESSION}/live_view"), ok(live_view)).await;
        let answer = upstream.click(&options).send().await.unwrap();
        assert_eq!(answer.headers().get("location").unwrap(), LINK, "{options:?}");
        assert_eq!(upstream.body(&format!("/browser/{SESSION}/live_view")).await, wanted);
    }
}
