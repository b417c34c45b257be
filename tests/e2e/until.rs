//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

/// How long anything may take, on a machine that may be slow.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// Asks until the answer is `Ok`; the last `Err` says what was there instead.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(instead) => assert!(Instant::now() < deadline, "in vain: {what}; at last: {instead}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
