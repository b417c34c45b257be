//! Commands of the server's own, on a connection of its own to Chromium.

use futures_util::{Sink, SinkExt as _};
use serde_json::{Value, json};

/// Sends commands. Whoever wants an answer has to know it by its number.
#[derive(Debug)]
pub(crate) struct Commands<S> {
    to: S,
    last_id: u64,
}

impl<S: Sink<String> + Unpin> Commands<S> {
    pub(crate) fn new(to: S) -> Self {
        Self { to, last_id: 0 }
    }

    /// The number of the last command: they are counted from 1.
    pub(crate) fn last_id(&self) -> u64 {
        self.last_id
    }

    /// Sends a command to the browser, or to an attached target. Its answer has the number that this returns.
    ///
    /// # Errors
    /// When the connection fails. What a page is told just before it closes fails by its answer only, or has none.
    pub(crate) async fn send(&mut self, method: &str, params: Value, session: Option<&str>) -> Result<u64, S::Error> {
        self.last_id += 1;
        let mut command = json!({"id": self.last_id, "method": method, "params": params});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        self.to.send(command.to_string()).await?;
        Ok(self.last_id)
    }
}
