//! A page's requests, put together from CDP's events, pure. What is finished is handed out, and not remembered.
//!
//! A request's own headers, cookies included, come in events of their own, earlier or later than the request:
//! <https://chromedevtools.github.io/devtools-protocol/tot/Network/#event-responseReceivedExtraInfo>.

mod chain;
mod web_socket;

use std::collections::HashMap;

use serde_json::Value;

use self::{chain::Chain, web_socket::WebSocket};
use super::exchange::Exchange;

/// The requests of one page.
#[derive(Debug, Default)]
pub(super) struct Network {
    chains: HashMap<String, Chain>,
    sockets: HashMap<String, WebSocket>,
    /// The request of the page's document, if it was one.
    page_id: Option<String>,
    /// That of the document before.
    left: Option<String>,
    /// What CDP's seconds are to be added to for those since 1970, once one event has told both.
    epoch: Option<f64>,
}

/// What follows from an event.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Heard {
    /// What is finished.
    pub(super) finished: Vec<Exchange>,
    /// The request whose body is wanted.
    pub(super) body_of: Option<String>,
    /// Whether the page is loading from now on.
    pub(super) loads: bool,
}

impl Network {
    /// Takes an event of the page with this target, or of a frame or a worker in it.
    pub(super) fn hear(&mut self, target: &str, event: &str, params: &Value) -> Heard {
        let Some(id) = params["requestId"].as_str() else { return Heard::default() };
        if event.starts_with("webSocket") {
            return self.web_socket(id, event, params);
        }
        let mut heard = Heard::default();
        if event == "requestWillBeSent" {
            if !is_sent(params) {
                self.page_id.take_if(|_| is_page(target, params));
                return heard;
            }
            self.epoch = Some(number(&params["wallTime"]) - number(&params["timestamp"]));
            if is_page(target, params) && self.page_id.as_deref() != Some(id) {
                self.left = self.page_id.replace(id.to_owned());
                heard.loads = true;
                // Nothing more is said about the page before, but what has been asked is answered.
                heard.finished = self.take(|chain| chain.has_ended() && !chain.waits_for_body());
            }
        } else if !self.chains.contains_key(id) && !event.ends_with("ExtraInfo") {
            return heard;
        }
        let chain = self.chains.entry(id.to_owned()).or_default();
        chain.hear(event, params, self.page_id.as_deref());
        if self.page_id.as_deref() == Some(id) && self.left.is_some() && chain.was_no_document() {
            self.page_id = self.left.take();
            chain.belongs_to(self.page_id.as_deref());
        }
        if event == "loadingFinished" && chain.wants_body() {
            heard.body_of = Some(id.to_owned());
        }
        heard.finished.extend(self.take(Chain::is_complete));
        heard
    }

    fn web_socket(&mut self, id: &str, event: &str, params: &Value) -> Heard {
        let socket = self.sockets.entry(id.to_owned()).or_insert_with(|| WebSocket::new(id, self.page_id.clone()));
        let has_ended = socket.hear(event, params, self.epoch);
        let ended = has_ended.then(|| self.sockets.remove(id)).flatten();
        Heard { finished: ended.and_then(WebSocket::finish).into_iter().collect(), ..Heard::default() }
    }

    /// Takes the body that was wanted, or why there is none.
    pub(super) fn body(&mut self, id: &str, result: &Value) -> Vec<Exchange> {
        if let Some(chain) = self.chains.get_mut(id) {
            chain.body(result);
        }
        self.take(Chain::is_complete)
    }

    /// What is left when nothing more is heard.
    pub(super) fn end(&mut self) -> Vec<Exchange> {
        let sockets: Vec<_> = self.sockets.drain().filter_map(|(_, socket)| socket.finish()).collect();
        self.take(|_| true).into_iter().chain(sockets).collect()
    }

    fn take(&mut self, which: impl Fn(&Chain) -> bool) -> Vec<Exchange> {
        let taken = self.chains.extract_if(|_, chain| which(chain));
        taken.flat_map(|(_, chain)| chain.finish()).collect()
    }
}

/// What is in the URL itself, in the page's memory or in Chromium's (its own pages, its PDF viewer) is no request.
fn is_sent(params: &Value) -> bool {
    let url = params["request"]["url"].as_str().unwrap_or_default();
    url.starts_with("http:") || url.starts_with("https:")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

/// Whether a request is for the page's own document: its main frame has the target's id.
fn is_page(target: &str, params: &Value) -> bool {
    params["type"] == "Document" && params["frameId"] == target && params["requestId"] == params["loaderId"]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is finished after these events of the page `P`.
    fn finished(network: &mut Network, events: &[(&str, Value)]) -> Vec<Exchange> {
        events.iter().flat_map(|(event, params)| network.hear("P", event, params).finished).collect()
    }

    fn sent(id: &str, url: &str) -> (&'static str, Value) {
        let request = json!({"url": url, "method": "GET", "headers": {"Accept": "*/*"}});
        let params = json!({"requestId": id, "loaderId": "L", "frameId": "P", "type": "Fetch", "request": request,
            "timestamp": 10.0, "wallTime": 1_000.5});
        ("requestWillBeSent", params)
    }

    /// A document that this frame asks for.
    fn document(id: &str, frame: &str) -> (&'static str, Value) {
        let (event, mut params) = sent(id, "http://a/");
        params["type"] = "Document".into();
        (params["loaderId"], params["frameId"]) = (id.into(), frame.into());
        (event, params)
    }

    fn answered(id: &str, has_extra_info: bool) -> (&'static str, Value) {
        let response = json!({"status": 200, "headers": {}, "mimeType": "image/png", "encodedDataLength": 100.0});
        let params = json!({"requestId": id, "type": "Image", "hasExtraInfo": has_extra_info, "response": response, "timestamp": 10.1});
        ("responseReceived", params)
    }

    fn loaded(id: &str) -> (&'static str, Value) {
        ("loadingFinished", json!({"requestId": id, "timestamp": 10.2, "encodedDataLength": 150.0}))
    }

    fn extra(id: &str) -> (&'static str, Value) {
        ("responseReceivedExtraInfo", json!({"requestId": id, "statusCode": 304, "headers": {"ETag": "e"}}))
    }

    #[test]
    fn a_request_is_finished_when_its_headers_have_come_too() {
        let mut network = Network::default();
        assert_eq!(finished(&mut network, &[sent("1", "http://a/"), answered("1", true), loaded("1")]), []);
        let all = finished(&mut network, &[extra("1")]);
        let response = all[0].response.as_ref().unwrap();
        assert_eq!((response.status, response.headers[0].value.as_str(), response.transfer_size), (304, "e", 150));
        assert_eq!((all[0].start_time, all[0].duration.map(f64::round)), (1_000_500.0, Some(200.0)));
        let early = [extra("2"), sent("2", "http://a/"), answered("2", true), loaded("2")];
        assert_eq!(finished(&mut network, &early).len(), 1, "they may come first");
        let cached = [sent("3", "http://a/"), answered("3", false), loaded("3")];
        assert_eq!(finished(&mut network, &cached).len(), 1, "or not at all");
        assert!(network.chains.is_empty());
    }

    #[test]
    fn a_redirect_is_a_request_of_its_own() {
        let (_, mut second) = sent("1", "http://a/next");
        second["redirectResponse"] =
            json!({"status": 302, "headers": {"Location": "/next"}, "encodedDataLength": 80.0});
        let mut network = Network::default();
        let events = [sent("1", "http://a/"), ("requestWillBeSent", second), answered("1", false), loaded("1")];
        let all = finished(&mut network, &events);
        let statuses: Vec<_> = all.iter().map(|exchange| exchange.response.as_ref().unwrap().status).collect();
        assert_eq!(statuses, [302, 200]);
        let redirect = all[0].response.as_ref().unwrap();
        assert_eq!((redirect.redirect_url.as_deref(), redirect.transfer_size), (Some("/next"), 80));
    }

    #[test]
    fn what_failed_says_why_and_what_goes_on_is_told_at_the_end() {
        let failed = (
            "loadingFailed",
            json!({"requestId": "1", "errorText": "net::ERR_FAILED", "timestamp": 11.0,
            "corsErrorStatus": {"corsError": "MissingAllowOriginHeader"}}),
        );
        let mut network = Network::default();
        let all = finished(&mut network, &[sent("1", "http://a/"), sent("2", "http://a/slow"), failed]);
        assert_eq!((all.len(), all[0].error.as_deref()), (1, Some("net::ERR_FAILED: MissingAllowOriginHeader")));
        let left = network.end();
        assert_eq!((left[0].url.as_str(), left[0].duration), ("http://a/slow", None));
    }

    #[test]
    fn small_texts_are_asked_for_and_waited_for() {
        let mut network = Network::default();
        let (_, mut text) = answered("1", false);
        text["response"]["mimeType"] = "application/json".into();
        let data = ("dataReceived", json!({"requestId": "1", "dataLength": 7.0}));
        assert_eq!(finished(&mut network, &[sent("1", "http://a/"), ("responseReceived", text), data]), []);
        let (event, params) = loaded("1");
        let heard = network.hear("P", event, &params);
        assert_eq!((heard.finished, heard.body_of.as_deref()), (Vec::new(), Some("1")));
        let all = network.body("1", &json!({"body": "{\"a\":1}", "base64Encoded": false}));
        assert_eq!(all[0].response.as_ref().unwrap().body.as_deref(), Some("{\"a\":1}"));
    }

    #[test]
    fn what_never_leaves_the_page_is_no_request() {
        let mut network = Network::default();
        for url in ["data:text/plain,x", "blob:http://a/1", "chrome-extension://pdf/index.html"] {
            assert_eq!(finished(&mut network, &[sent("1", url), answered("1", false), loaded("1")]), []);
        }
        assert!(network.end().is_empty());
    }

    #[test]
    fn a_body_that_was_asked_for_is_waited_for_though_the_page_is_left() {
        let mut network = Network::default();
        let (_, mut text) = answered("1", false);
        text["response"]["mimeType"] = "application/json".into();
        let data = ("dataReceived", json!({"requestId": "1", "dataLength": 7.0}));
        let left = [sent("1", "http://a/"), ("responseReceived", text), data, loaded("1"), document("2", "P")];
        assert_eq!(finished(&mut network, &left), []);
        let all = network.body("1", &json!({"body": "{\"a\":1}", "base64Encoded": false}));
        assert_eq!(all[0].response.as_ref().unwrap().body.as_deref(), Some("{\"a\":1}"));
    }

    #[test]
    fn what_no_event_has_answered_has_the_answer_of_its_headers() {
        let mut network = Network::default();
        let failed = ("loadingFailed", json!({"requestId": "1", "errorText": "net::ERR_FAILED", "timestamp": 11.0}));
        let all = finished(&mut network, &[sent("1", "http://a/"), extra("1"), failed]);
        let response = all[0].response.as_ref().unwrap();
        assert_eq!((response.status, response.status_text.as_str()), (304, "Not Modified"));
        assert_eq!((response.headers[0].value.as_str(), all[0].error.as_deref()), ("e", Some("net::ERR_FAILED")));
    }

    #[test]
    fn requests_belong_to_the_document_that_was_asked_for_last() {
        let mut network = Network::default();
        let loads = [document("1", "P"), document("2", "frame"), sent("3", "http://a/3")]
            .map(|(event, params)| network.hear("P", event, &params).loads);
        assert_eq!(loads, [true, false, false]);
        let (event, mut data) = document("4", "P");
        data["request"]["url"] = "data:text/html,x".into();
        network.hear("P", event, &data);
        network.hear("P", "requestWillBeSent", &sent("5", "http://a/5").1);
        let mut pages: Vec<_> =
            network.end().into_iter().map(|exchange| (exchange.request_id, exchange.page_id)).collect();
        pages.sort();
        let of = |id: &str| (id.to_owned(), Some("1".to_owned()));
        assert_eq!(pages, [of("1"), of("2"), of("3"), ("5".to_owned(), None)], "a page in its URL has no request");
    }

    #[test]
    fn a_sockets_messages_are_its_own_until_it_is_closed() {
        let mut network = Network::default();
        let at = |event: &'static str, timestamp: f64, more: Value| {
            let mut params = json!({"requestId": "1", "timestamp": timestamp});
            params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            (event, params)
        };
        let message = json!({"response": {"opcode": 1.0, "payloadData": "hi"}});
        let opened = json!({"wallTime": 1_000.0, "request": {"headers": {}}});
        let events = [
            ("webSocketCreated", json!({"requestId": "1", "url": "ws://a/"})),
            at("webSocketWillSendHandshakeRequest", 10.0, opened),
            at("webSocketFrameSent", 10.5, message),
        ];
        assert_eq!(finished(&mut network, &events), []);
        let all = finished(&mut network, &[at("webSocketClosed", 11.0, json!({}))]);
        let [message] = all[0].messages.as_slice() else { panic!("{all:?}") };
        assert_eq!((message.kind.as_str(), message.time, all[0].duration), ("send", 1_000_500.0, Some(1_000.0)));
        assert!(network.end().is_empty());
    }

    #[test]
    fn what_is_downloaded_belongs_to_the_page_that_stays() {
        let mut network = Network::default();
        let aborted = ("loadingFailed", json!({"requestId": "2", "errorText": "net::ERR_ABORTED", "timestamp": 11.0}));
        let all = finished(&mut network, &[document("1", "P"), document("2", "P"), answered("2", false), aborted]);
        assert_eq!(all[0].page_id.as_deref(), Some("1"));
        network.hear("P", "requestWillBeSent", &sent("3", "http://a/3").1);
        assert!(network.end().iter().all(|exchange| exchange.page_id.as_deref() == Some("1")));
    }

    #[test]
    fn a_socket_that_is_refused_has_the_time_of_its_end() {
        let mut network = Network::default();
        let created = || ("webSocketCreated", json!({"requestId": "1", "url": "ws://a/"}));
        let failed = |event: &'static str| (event, json!({"requestId": "1", "timestamp": 12.0, "errorMessage": "no"}));
        let refused = [created(), failed("webSocketFrameError"), failed("webSocketClosed")];
        assert_eq!(finished(&mut network, &refused), [], "nobody knows when, and nothing was sent");
        network.hear("P", "requestWillBeSent", &sent("2", "http://a/").1);
        let all = finished(&mut network, &refused);
        assert_eq!((all[0].start_time, all[0].duration), (1_002_500.0, Some(0.0)));
        assert_eq!(all[0].error.as_deref(), Some("no"));
    }
}
