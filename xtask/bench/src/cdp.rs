//! Chrome's protocol over a WebSocket, one command at a time: workerd's inspector speaks it, too.

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

pub(crate) struct Cdp {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The last command's number.
    last: u64,
}

impl Cdp {
    pub(crate) async fn connect(url: &str, authorization: Option<&str>) -> Result<Self> {
        let mut request = url.into_client_request().with_context(|| format!("{url} is no WebSocket's"))?;
        if let Some(value) = authorization {
            request.headers_mut().insert("authorization", value.parse()?);
        }
        // Answers may be as long as they like: profiles and pages' texts are.
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let connected = connect_async_with_config(request, Some(config), true).await;
        let (socket, _) = connected.with_context(|| format!("cannot connect to {url}"))?;
        Ok(Self { socket, last: 0 })
    }

    /// Sends a command and answers its result; events in between are not looked at.
    pub(crate) async fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        let mut answer: Value = serde_json::from_str(&self.call_for_text(method, parameters).await?)?;
        match answer.get("error") {
            Some(error) => bail!("{method}: {error}"),
            None => Ok(answer["result"].take()),
        }
    }

    /// The same, with the answer as it came.
    pub(crate) async fn call_for_text(&mut self, method: &str, parameters: Value) -> Result<String> {
        self.last += 1;
        let command = json!({ "id": self.last, "method": method, "params": parameters });
        self.socket.send(Message::text(command.to_string())).await?;
        let prefix = format!("{{\"id\":{},", self.last);
        while let Some(message) = self.socket.next().await {
            if let Message::Text(text) = message?
                && text.starts_with(&prefix)
            {
                return Ok(text.as_str().to_owned());
            }
        }
        bail!("the connection was closed while {method} was under way")
    }
}
