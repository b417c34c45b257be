//! Cloudflare's own SDKs, unmodified: they read every answer of the session API, and say what they read.

use std::{env, path::Path, process::Stdio};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    clients::run_client,
    env::{Env, TOKEN, site, text},
};

/// What an SDK has read of one session, from its start to its end.
fn check(told: &Value, site: &str) {
    let id = text(&told["created"]["sessionId"]);
    assert_eq!(told["created"]["targets"][0]["url"], "about:blank", "{told}");
    let opened = &told["opened"];
    assert!(text(&opened["devtoolsFrontendUrl"]).contains("/ui/view?wss="), "{opened}");
    assert_eq!(told["target"]["id"], opened["id"]);
    assert!(text(&told["target"]["url"]).starts_with(site), "{told}");
    assert_eq!(told["targets"].as_array().unwrap().len(), 2);
    assert_eq!(told["activated"], json!({"message": "Target activated"}));
    assert_eq!((&told["liveView"]["id"], &told["liveView"]["options"]["mode"]), (&opened["id"], &json!("tab")));
    assert!(text(&told["version"]["Browser"]).starts_with("Chrome/"), "{told}");
    for domain in ["Page", "Cloudflare"] {
        assert!(told["domains"].as_array().unwrap().contains(&json!(domain)), "{domain}");
    }
    assert_eq!((&told["sessions"][0]["sessionId"], &told["session"]["sessionId"]), (&json!(id), &json!(id)));
    assert!(told["session"]["startTime"].is_number() && told["session"].get("endTime").is_none(), "{told}");
    assert_eq!(told["closed"], json!({"message": "Target is closing"}));
    assert_eq!(told["deleted"], json!({"status": "closing"}));
    assert_eq!((&told["after"], &told["unknown"]), (&json!([]), &Value::Null));
    assert_eq!(told["ended"]["closeReasonText"], "NormalClosure");
    assert_eq!(told["gone"]["status"], 410);
    assert!(text(&told["gone"]["message"]).contains("Session has ended: NormalClosure"), "{told}");
}

#[tokio::test]
async fn cloudflares_typescript_sdk_reads_every_answer() {
    let (env, site) = (Env::start().await, site().await);
    let said = run_client("sdk.mjs", &[&env.server.api_url(), TOKEN, &site]).await;
    check(&serde_json::from_str(&said).unwrap(), &site);
}

#[tokio::test]
#[ignore = "its packages take a while to install: `cargo xtask test --clients`"]
async fn cloudflares_strict_python_sdk_reads_every_answer() {
    let python = env::var("CLIENTS_PYTHON").expect("`cargo xtask test --clients` says where Python has the SDK");
    let (env, site) = (Env::start().await, site().await);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/sdk.py");
    let mut command = Command::new(python);
    command.arg(script).args([&env.server.api_url(), TOKEN, &site]).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    check(&serde_json::from_slice(&output.stdout).unwrap(), &site);
}

#[tokio::test]
async fn an_agent_with_chrome_devtools_mcp_opens_reads_and_photographs_a_page() {
    let (env, site) = (Env::start().await, site().await);
    let endpoint = format!("{}/browser?keep_alive=600000", env.cdp_url());
    let said = run_client("mcp.mjs", &[&endpoint, TOKEN, &site]).await;
    let steps: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let step = |number: usize, tool: &str| {
        assert_eq!((&steps[number]["tool"], &steps[number]["isError"]), (&json!(tool), &json!(false)), "{said}");
        text(&steps[number]["text"])
    };
    assert!(step(0, "new_page").contains("/first"), "{said}");
    assert!(step(1, "take_snapshot").contains("Hello from the small site"), "{said}");
    assert!(step(2, "navigate_page").contains("/second"), "{said}");
    assert!(step(3, "navigate_page").contains("/first"), "{said}");
    assert!(step(4, "evaluate_script").contains("/first true"), "{said}");
    assert!(step(5, "list_network_requests").contains(&site), "{said}");
    step(6, "take_screenshot");
    assert_eq!(steps[6]["pictures"], 1, "{said}");
}
