//! A Chrome DevTools Protocol client for tests: whatever a test cannot go on without, it panics for.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic like the test itself")]

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        http::StatusCode,
        protocol::{CloseFrame, WebSocketConfig},
    },
};

/// How long an answer may take, on a machine that may be slow.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long it waits before it asks again for what is not there yet.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A connection to a page or to a whole browser.
pub struct Cdp {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u64,
}

impl Cdp {
    /// Connects to the WebSocket of a request. Messages may have any size.
    ///
    /// # Errors
    /// The status of a refusal.
    pub async fn connect(request: impl IntoClientRequest + Unpin) -> Result<Self, StatusCode> {
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let connected = timeout(DEADLINE, connect_async_with_config(request, Some(config), true)).await;
        match connected.expect("there is an answer in time") {
            Ok((socket, _)) => Ok(Self { socket, last_id: 0 }),
            Err(tungstenite::Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects to a target's `webSocketDebuggerUrl`.
    ///
    /// # Errors
    /// The status of a refusal.
    pub async fn link(url: &Value) -> Result<Self, StatusCode> {
        Self::connect(url.as_str().unwrap_or_else(|| panic!("not a URL: {url}"))).await
    }

    /// Connects as the front end behind a target's `devtoolsFrontendUrl` does.
    ///
    /// # Errors
    /// The status of a refusal.
    pub async fn behind(front_end_url: &str) -> Result<Self, StatusCode> {
        let socket = front_end_url.split_once("wss=");
        let (_, address) = socket.unwrap_or_else(|| panic!("no link to DevTools: {front_end_url}"));
        Self::connect(format!("ws://{address}")).await
    }

    /// Sends a command, and does not wait for its answer.
    pub async fn send(&mut self, method: &str, params: Value) {
        self.send_command(json!({"method": method, "params": params})).await;
    }

    /// The result of a command.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        self.try_call(method, params).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The error of a command.
    pub async fn refused(&mut self, method: &str, params: Value) -> Value {
        let result = self.try_call(method, params).await;
        result.err().unwrap_or_else(|| panic!("{method} was not refused"))
    }

    /// The result of a command, or the error, as a page that is just being left has it.
    async fn try_call(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let mut answer = self.answered(method, params).await;
        if answer["error"].is_null() { Ok(answer["result"].take()) } else { Err(answer["error"].take()) }
    }

    /// The whole answer to a command.
    pub async fn answered(&mut self, method: &str, params: Value) -> Value {
        self.send(method, params).await;
        self.answer(method).await
    }

    /// The whole answer to a command for an attached target.
    pub async fn answered_in(&mut self, session: &str, method: &str, params: Value) -> Value {
        self.send_command(json!({"method": method, "params": params, "sessionId": session})).await;
        self.answer(method).await
    }

    async fn send_command(&mut self, mut command: Value) {
        self.last_id += 1;
        command["id"] = self.last_id.into();
        self.socket.send(Message::text(command.to_string())).await.unwrap();
    }

    async fn answer(&mut self, method: &str) -> Value {
        let answer = async {
            while let Some(message) = self.socket.next().await {
                let Message::Text(message) = message.unwrap() else { continue };
                let message: Value = serde_json::from_str(&message).unwrap();
                if message["id"] == self.last_id {
                    return message;
                }
            }
            panic!("closed instead of an answer to {method}");
        };
        timeout(DEADLINE, answer).await.unwrap_or_else(|_| panic!("no answer to {method}"))
    }

    /// The next event of this name, whole. Events that come while an answer is waited for are lost.
    pub async fn event(&mut self, method: &str) -> Value {
        let event = async {
            while let Some(message) = self.socket.next().await {
                let Message::Text(message) = message.unwrap() else { continue };
                let message: Value = serde_json::from_str(&message).unwrap();
                if message["method"] == method {
                    return message;
                }
            }
            panic!("closed instead of {method}");
        };
        timeout(DEADLINE, event).await.unwrap_or_else(|_| panic!("no {method}"))
    }

    /// The value of an expression in the page.
    pub async fn evaluate(&mut self, expression: &str) -> Value {
        self.try_evaluate(expression).await.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    async fn try_evaluate(&mut self, expression: &str) -> Result<Value, Value> {
        let params = json!({"expression": expression, "returnByValue": true});
        Ok(self.try_call("Runtime.evaluate", params).await?["result"]["value"].take())
    }

    /// Presses the mouse's button on an element, as a person does.
    pub async fn click(&mut self, selector: &str) {
        let center = format!(
            "(({{x, y, width, height}}) => [x + width / 2, y + height / 2])\
             (document.querySelector('{selector}').getBoundingClientRect())"
        );
        let center = self.evaluate(&center).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": center[0], "y": center[1], "button": "left", "clickCount": 1});
            // The page may be left before the answer comes.
            let _ = self.try_call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Waits until an expression has this value, whatever pages come and go meanwhile.
    pub async fn until(&mut self, expression: &str, expected: &Value) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let value = self.try_evaluate(expression).await;
            if value.as_ref() == Ok(expected) {
                return;
            }
            assert!(Instant::now() < deadline, "in vain: {expression} is {expected}; at last: {value:?}");
            sleep(POLL_INTERVAL).await;
        }
    }

    /// How the server closes the connection.
    pub async fn closed(mut self) -> Option<CloseFrame> {
        while let Some(message) = self.socket.next().await {
            if let Message::Close(frame) = message.unwrap() {
                return frame;
            }
        }
        panic!("cut off instead of closed");
    }
}
