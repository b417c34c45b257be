//! A CDP client of one page.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message},
};

use crate::until::{DEADLINE, until};

/// A connection to one page.
pub(crate) struct Cdp {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u64,
}

impl Cdp {
    /// Connects as the front end behind a link does. The status of a refusal is the error.
    pub(crate) async fn connect(link: &str) -> Result<Self, u16> {
        let (_, address) = link.split_once("wss=").unwrap_or_else(|| panic!("no link to DevTools: {link}"));
        match timeout(DEADLINE, connect_async(format!("ws://{address}"))).await.expect(address) {
            Ok((socket, _)) => Ok(Self { socket, last_id: 0 }),
            Err(Error::Http(refusal)) => Err(refusal.status().as_u16()),
            Err(error) => panic!("{address}: {error}"),
        }
    }

    /// The result of a command.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Value {
        self.try_call(method, params).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The result of a command, or the error, as a page that is just being left has it.
    async fn try_call(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.last_id += 1;
        let command = json!({"id": self.last_id, "method": method, "params": params});
        self.socket.send(Message::text(command.to_string())).await.unwrap();
        timeout(DEADLINE, self.answer()).await.unwrap_or_else(|_| panic!("no answer to {method}"))
    }

    async fn answer(&mut self) -> Result<Value, String> {
        while let Some(message) = self.socket.next().await {
            let Message::Text(message) = message.unwrap() else { continue };
            let mut message: Value = serde_json::from_str(&message).unwrap();
            if message["id"] == self.last_id {
                let error = &message["error"];
                return if error.is_null() { Ok(message["result"].take()) } else { Err(error.to_string()) };
            }
        }
        panic!("closed instead of an answer");
    }

    /// The value of an expression in the page.
    pub(crate) async fn evaluate(&mut self, expression: &str) -> Value {
        self.try_evaluate(expression).await.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    async fn try_evaluate(&mut self, expression: &str) -> Result<Value, String> {
        let params = json!({"expression": expression, "returnByValue": true});
        Ok(self.try_call("Runtime.evaluate", params).await?["result"]["value"].take())
    }

    /// Presses the mouse's button on an element, as a person does.
    pub(crate) async fn click(&mut self, selector: &str) {
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

    /// Waits until an expression has this value.
    pub(crate) async fn until(&mut self, expression: &str, expected: &Value) {
        until(&format!("{expression} is {expected}"), async || {
            let value = self.try_evaluate(expression).await?;
            if value == *expected { Ok(()) } else { Err(value.to_string()) }
        })
        .await;
    }
}
