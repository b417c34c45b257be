//! A WebSocket with its messages, pure.

use serde_json::Value;

use super::super::{
    SMALL,
    exchange::{Exchange, Message, Response, headers},
    timing::Timing,
};

/// Bytes of messages that are kept of one: it may be open for hours.
const MESSAGES_AT_MOST: usize = 16 * SMALL as usize;

#[derive(Debug)]
pub(super) struct WebSocket {
    exchange: Exchange,
    /// When it was opened, in CDP's seconds.
    issued: f64,
    /// When it was last heard of.
    last: f64,
    message_bytes: usize,
}

impl WebSocket {
    pub(super) fn new(id: &str, page_id: Option<String>) -> Self {
        let exchange = Exchange {
            request_id: id.to_owned(),
            page_id,
            method: "GET".to_owned(),
            resource_type: "WebSocket".to_owned(),
            ..Exchange::default()
        };
        Self { exchange, issued: 0.0, last: 0.0, message_bytes: 0 }
    }

    /// Takes an event, and says whether it was the last. CDP's seconds are those since `epoch`.
    pub(super) fn hear(&mut self, event: &str, params: &Value, epoch: Option<f64>) -> bool {
        self.last = params["timestamp"].as_f64().unwrap_or(self.last);
        if self.issued == 0.0
            && let Some(epoch) = epoch.filter(|_| self.last > 0.0)
        {
            // One that is refused has no other time.
            self.issued = self.last;
            self.exchange.start_time = (epoch + self.last) * 1_000.0;
        }
        match event {
            "webSocketCreated" => params["url"].as_str().unwrap_or_default().clone_into(&mut self.exchange.url),
            "webSocketWillSendHandshakeRequest" => {
                self.issued = self.last;
                self.exchange.start_time = params["wallTime"].as_f64().unwrap_or_default() * 1_000.0;
                self.exchange.request.headers = headers(&params["request"]["headers"]);
            }
            "webSocketHandshakeResponseReceived" => self.answer(&params["response"]),
            "webSocketFrameSent" => self.message("send", &params["response"]),
            "webSocketFrameReceived" => self.message("receive", &params["response"]),
            "webSocketFrameError" => self.exchange.error = params["errorMessage"].as_str().map(str::to_owned),
            _ => {}
        }
        event == "webSocketClosed"
    }

    fn answer(&mut self, of: &Value) {
        self.exchange.response = Some(Response {
            status: of["status"].as_u64().unwrap_or_default() as u16,
            status_text: of["statusText"].as_str().unwrap_or_default().to_owned(),
            protocol: "http/1.1".to_owned(),
            headers: headers(&of["headers"]),
            ..Response::default()
        });
        if of["requestHeaders"].is_object() {
            self.exchange.request.headers = headers(&of["requestHeaders"]);
        }
    }

    fn message(&mut self, kind: &str, of: &Value) {
        let data = of["payloadData"].as_str().unwrap_or_default();
        self.message_bytes += data.len();
        if self.message_bytes <= MESSAGES_AT_MOST {
            let time = self.exchange.start_time + (self.last - self.issued) * 1_000.0;
            let opcode = of["opcode"].as_f64().unwrap_or_default() as u8;
            self.exchange.messages.push(Message { kind: kind.to_owned(), time, opcode, data: data.to_owned() });
        }
    }

    /// None where it is not known when it was.
    pub(super) fn finish(mut self) -> Option<Exchange> {
        self.exchange.timing = Timing::new(&Value::Null, self.issued, self.last);
        self.exchange.duration = Some(self.exchange.timing.total());
        Some(self.exchange).filter(|exchange| exchange.start_time > 0.0)
    }
}
