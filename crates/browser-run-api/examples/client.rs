//! A client's side of one click, without a client: which requests are sent, and what is read of their answers.
//!
//! `cargo run -p browser-run-api --example client`

use browser_run_api::{Acquired, HostPattern, paths, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // POST …/devtools/browser
    println!("POST …/devtools{}", paths::BROWSERS);
    let answer = r#"{"sessionId":"1909cef7-23e8-4394-bc31-27404bf4348f","webSocketDebuggerUrl":"wss://example.com/s"}"#;
    let acquired: read::Acquired = browser_run_api::parse(answer)?;

    // PUT …/devtools/browser/{session_id}/json/new
    println!("PUT …/devtools{}", paths::fill(paths::NEW_TARGET, &[&acquired.session_id]));

    // Servers write the documented types, which serde knows, too.
    let documented: Acquired = serde_json::from_str(answer)?;
    assert_eq!(documented.session_id, acquired.session_id);

    // A guardrail is a pattern of host names.
    let pattern: HostPattern = "*.example.com".parse()?;
    println!("www.example.com may be reached: {}", pattern.matches("www.example.com"));
    Ok(())
}
