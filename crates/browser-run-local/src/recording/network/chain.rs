//! A request with its redirects, which have the same id, pure.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    super::{
        SMALL,
        exchange::{Exchange, Request, Response, header, headers},
        timing::Timing,
    },
    number,
};

/// One request after another; each but the last was redirected to the next.
#[derive(Debug, Default)]
pub(super) struct Chain {
    hops: Vec<Hop>,
    /// The headers that were sent, and those that came, each for the next hop that has any.
    sent: Vec<Value>,
    came: Vec<Value>,
    has_ended: bool,
    waits_for_body: bool,
}

#[derive(Debug, Default)]
struct Hop {
    exchange: Exchange,
    /// When it was made, in CDP's seconds.
    issued: f64,
    /// CDP's points in time.
    timing: Value,
    /// Whether there are headers in events of their own.
    has_extra_info: bool,
    served_from_cache: bool,
}

impl Chain {
    pub(super) fn hear(&mut self, event: &str, params: &Value, page_id: Option<&str>) {
        match event {
            "requestWillBeSent" => self.request(params, page_id),
            "requestWillBeSentExtraInfo" => self.sent.push(params["headers"].clone()),
            "responseReceivedExtraInfo" => self.came.push(params.clone()),
            "requestServedFromCache" => self.change(|hop| hop.served_from_cache = true),
            "responseReceived" => self.change(|hop| {
                hop.has_extra_info = params["hasExtraInfo"] == true;
                hop.exchange.resource_type = text(&params["type"]);
                hop.answer(&params["response"]);
            }),
            "dataReceived" => self.change(|hop| {
                let response = hop.exchange.response.get_or_insert_default();
                response.body_size += number(&params["dataLength"]) as u64;
            }),
            "loadingFinished" => self.end(params, None),
            "loadingFailed" => self.end(params, Some(failure(params))),
            _ => {}
        }
    }

    fn request(&mut self, params: &Value, page_id: Option<&str>) {
        let issued = number(&params["timestamp"]);
        let redirect = &params["redirectResponse"];
        if redirect.is_object() {
            let to = text(&params["request"]["url"]);
            self.change(|hop| {
                hop.has_extra_info = params["redirectHasExtraInfo"] == true;
                hop.answer(redirect);
                hop.end(issued);
                let response = hop.exchange.response.get_or_insert_default();
                response.transfer_size = response.headers_size;
                let location = header(&response.headers, "location").map(str::to_owned);
                response.redirect_url = location.or(Some(to));
            });
        }
        let request = &params["request"];
        let exchange = Exchange {
            request_id: text(&params["requestId"]),
            page_id: page_id.map(str::to_owned),
            start_time: number(&params["wallTime"]) * 1_000.0,
            method: text(&request["method"]),
            url: text(&request["url"]) + request["urlFragment"].as_str().unwrap_or_default(),
            resource_type: params["type"].as_str().unwrap_or("Other").to_owned(),
            priority: text(&request["initialPriority"]),
            initiator: initiator(&params["initiator"]),
            request: Request {
                headers: headers(&request["headers"]),
                body: request["postData"].as_str().map(str::to_owned),
            },
            ..Exchange::default()
        };
        self.hops.push(Hop { exchange, issued, ..Hop::default() });
    }

    fn end(&mut self, params: &Value, error: Option<String>) {
        self.change(|hop| {
            if let (Some(response), None) = (&mut hop.exchange.response, &error) {
                response.transfer_size = number(&params["encodedDataLength"]) as u64;
            }
            // Where nothing was answered, nobody has said so.
            hop.has_extra_info |= error.is_some();
            hop.exchange.error = error;
            hop.end(number(&params["timestamp"]));
        });
        self.has_ended = true;
        self.waits_for_body = self.wants_body();
    }

    /// Whether the response's body is text and small, and no code: asking takes time while a page loads.
    pub(super) fn wants_body(&self) -> bool {
        let Some(Exchange { response: Some(response), error: None, .. }) = self.hops.last().map(|hop| &hop.exchange)
        else {
            return false;
        };
        let is_code = ["Script", "Stylesheet"].contains(&self.resource_type());
        self.has_ended && !is_code && is_text(&response.mime_type) && (1..=SMALL).contains(&response.body_size)
    }

    fn resource_type(&self) -> &str {
        self.hops.last().map_or("", |hop| &hop.exchange.resource_type)
    }

    pub(super) fn body(&mut self, result: &Value) {
        self.waits_for_body = false;
        let body = result["body"].as_str().filter(|_| result["base64Encoded"] != true);
        self.change(|hop| {
            if let Some(response) = &mut hop.exchange.response {
                response.body = body.map(str::to_owned);
            }
        });
    }

    fn change(&mut self, change: impl FnOnce(&mut Hop)) {
        if let Some(hop) = self.hops.last_mut() {
            change(hop);
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Whether this has become a download, or nothing: Chromium stops to load it before its first byte.
    pub(super) fn was_no_document(&self) -> bool {
        let last = self.hops.last().map(|hop| &hop.exchange);
        last.is_some_and(|Exchange { error, response, .. }| {
            let is_empty = response.as_ref().is_none_or(|response| response.body_size == 0);
            is_empty && error.as_deref() == Some("net::ERR_ABORTED")
        })
    }

    pub(super) fn belongs_to(&mut self, page_id: Option<&str>) {
        for hop in &mut self.hops {
            hop.exchange.page_id = page_id.map(str::to_owned);
        }
    }

    pub(super) fn waits_for_body(&self) -> bool {
        self.waits_for_body
    }

    /// Whether there is nothing more to come.
    pub(super) fn is_complete(&self) -> bool {
        let failed = self.hops.last().is_some_and(|hop| hop.exchange.error.is_some());
        let expected = self.hops.iter().filter(|hop| hop.has_extra_info).count();
        self.has_ended && !self.waits_for_body && (failed || self.came.len() >= expected)
    }

    pub(super) fn finish(self) -> Vec<Exchange> {
        let (mut sent, mut came) = (self.sent.into_iter(), self.came.into_iter());
        let mut finished = Vec::new();
        for mut hop in self.hops {
            // What only its headers tell of is not over, or was kept from the page.
            if hop.has_extra_info || hop.exchange.response.is_none() {
                hop.take_extra_info(sent.next(), came.next());
            }
            finished.push(hop.exchange);
        }
        finished
    }
}

impl Hop {
    fn answer(&mut self, of: &Value) {
        self.timing = of["timing"].clone();
        let address = of["remoteIPAddress"].as_str().filter(|address| !address.is_empty());
        let size = number(&of["encodedDataLength"]) as u64;
        self.exchange.response = Some(Response {
            status: number(&of["status"]) as u16,
            status_text: text(&of["statusText"]),
            protocol: text(&of["protocol"]),
            headers: headers(&of["headers"]),
            mime_type: text(&of["mimeType"]),
            remote_address: address.map(|address| format!("{address}:{}", number(&of["remotePort"]))),
            from_cache: self.served_from_cache || of["fromDiskCache"] == true || of["fromPrefetchCache"] == true,
            from_service_worker: of["fromServiceWorker"] == true,
            headers_size: size,
            transfer_size: size,
            ..Response::default()
        });
        // What was really sent, where the network says so.
        if of["requestHeaders"].is_object() {
            self.exchange.request.headers = headers(&of["requestHeaders"]);
        }
    }

    fn end(&mut self, at: f64) {
        self.exchange.timing = Timing::new(&self.timing, self.issued, at);
        self.exchange.duration = Some(self.exchange.timing.total());
    }

    fn take_extra_info(&mut self, sent: Option<Value>, came: Option<Value>) {
        if let Some(sent) = sent {
            self.exchange.request.headers = headers(&sent);
        }
        let Some(came) = came else { return };
        let response = self.exchange.response.get_or_insert_default();
        response.headers = headers(&came["headers"]);
        let status = came["statusCode"].as_u64().and_then(|status| StatusCode::from_u16(status as u16).ok());
        // That of what was in the cache may have come first.
        if let Some(status) = status.filter(|status| status.as_u16() != response.status) {
            response.status = status.as_u16();
            response.status_text = status.canonical_reason().unwrap_or_default().to_owned();
        }
        if response.redirect_url.is_none() && (300..400).contains(&response.status) {
            response.redirect_url = header(&response.headers, "location").map(str::to_owned);
        }
    }
}

fn failure(params: &Value) -> String {
    let why = ["blockedReason", "errorText"].into_iter().find_map(|name| params[name].as_str());
    let cors = params["corsErrorStatus"]["corsError"].as_str();
    let why = why.filter(|why| !why.is_empty()).unwrap_or("failed");
    cors.map_or_else(|| why.to_owned(), |cors| format!("{why}: {cors}"))
}

/// Without the script's whole stack, which is longer than the request.
fn initiator(of: &Value) -> Value {
    let frame = &of["stack"]["callFrames"][0];
    let place = if of["url"].is_string() { of } else { frame };
    json!({"type": of["type"], "url": place["url"], "lineNumber": place["lineNumber"]})
}

fn is_text(mime_type: &str) -> bool {
    const TEXT: [&str; 5] = ["json", "javascript", "xml", "ecmascript", "x-www-form-urlencoded"];
    mime_type.starts_with("text/") || TEXT.iter().any(|kind| mime_type.contains(kind))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
