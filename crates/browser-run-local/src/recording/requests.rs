//! The requests of a session's pages. What is heard while a page is loaded waits, so that the page is not to wait for that. Pure.

use std::{collections::HashMap, slice};

use axum::body::Bytes;
use serde_json::value::RawValue;

use super::{
    exchange::Exchange,
    network::{self, Network},
    said::{Said, said, value},
};

/// The domain of events about them.
const NETWORK: &str = "Network.";
/// So many bytes wait, and no more: some pages never stop to load, and Chromium does not keep bodies for ever.
const MOST_WAITING: usize = 256 * 1024;

/// The requests of all pages.
#[derive(Debug, Default)]
pub(super) struct Requests {
    pages: HashMap<String, Page>,
    /// Bodies that were asked for, by the command's number: the page, and the request.
    asked: HashMap<u64, (String, String)>,
}

#[derive(Debug, Default)]
struct Page {
    network: Network,
    /// Messages, in their order, while the page is loaded.
    waiting: Option<Vec<Bytes>>,
}

/// What is to be done.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Due {
    /// What is finished.
    pub(super) finished: Vec<Exchange>,
    /// The requests whose bodies are wanted, each with the session that knows it.
    pub(super) wanted: Vec<(String, Option<String>)>,
}

impl Requests {
    /// Whether an event is about requests.
    pub(super) fn are_meant_by(method: &str) -> bool {
        method.starts_with(NETWORK)
    }

    /// Takes an event of a page, or of a part of it.
    pub(super) fn hear(&mut self, target: &str, message: &Bytes) -> Due {
        let page = self.pages.entry(target.to_owned()).or_default();
        let Some(waiting) = &mut page.waiting else { return page.hear(target, slice::from_ref(message)) };
        waiting.push(message.clone());
        // The document that is left still knows its bodies.
        if !is_document(message) && waiting.iter().map(Bytes::len).sum::<usize>() < MOST_WAITING {
            return Due::default();
        }
        let due = page.catch_up(target);
        page.waiting = Some(Vec::new());
        due
    }

    /// Takes what has waited: a page is loaded.
    pub(super) fn loaded(&mut self, target: &str) -> Due {
        self.pages.get_mut(target).map(|page| page.catch_up(target)).unwrap_or_default()
    }

    /// The pages that are being loaded.
    pub(super) fn loading(&self) -> Vec<String> {
        let loading = self.pages.iter().filter(|(_, page)| page.waiting.is_some());
        loading.map(|(target, _)| target.clone()).collect()
    }

    /// A body has been asked for by the command with this number.
    pub(super) fn asked(&mut self, id: u64, target: &str, request: String) {
        self.asked.insert(id, (target.to_owned(), request));
    }

    /// Takes a command's answer, and says of which page what is finished by that.
    pub(super) fn answered(&mut self, id: u64, result: Option<&RawValue>) -> Option<(String, Vec<Exchange>)> {
        let (target, request) = self.asked.remove(&id)?;
        let result = result.map(value).unwrap_or_default();
        let finished = self.pages.get_mut(&target)?.network.body(&request, &result);
        Some((target, finished))
    }

    /// What is left of a page that is gone.
    pub(super) fn end(&mut self, target: &str) -> Vec<Exchange> {
        let Some(mut page) = self.pages.remove(target) else { return Vec::new() };
        let mut finished = page.catch_up(target).finished;
        finished.extend(page.network.end());
        finished
    }

    /// What is left of all of them, by page.
    pub(super) fn end_all(&mut self) -> Vec<(String, Vec<Exchange>)> {
        let targets: Vec<_> = self.pages.keys().cloned().collect();
        targets.into_iter().map(|target| (target.clone(), self.end(&target))).collect()
    }
}

impl Page {
    fn catch_up(&mut self, target: &str) -> Due {
        let waiting = self.waiting.take().unwrap_or_default();
        self.hear(target, &waiting)
    }

    fn hear(&mut self, target: &str, messages: &[Bytes]) -> Due {
        let mut due = Due::default();
        for Said { session, method, params, .. } in messages.iter().filter_map(said) {
            let (Some(method), Some(params)) = (method, params) else { continue };
            let event = method.trim_start_matches(NETWORK);
            let network::Heard { finished, body_of, loads } = self.network.hear(target, event, &value(params));
            if loads {
                self.waiting.get_or_insert_default();
            }
            due.finished.extend(finished);
            due.wanted.extend(body_of.map(|request| (request, session.map(str::to_owned))));
        }
        due
    }
}

fn is_document(message: &Bytes) -> bool {
    const TYPE: &[u8] = br#""type":"Document""#;
    message.windows(TYPE.len()).any(|bytes| bytes == TYPE)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(name: &str, params: &Value) -> Bytes {
        json!({"method": format!("{NETWORK}{name}"), "params": params, "sessionId": "S"}).to_string().into()
    }

    /// The page `P` asks for its document, or for something else.
    fn sent(id: &str, kind: &str) -> Bytes {
        let request = json!({"url": format!("http://a/{id}"), "method": "GET", "headers": {}});
        let params = json!({"requestId": id, "loaderId": id, "frameId": "P", "type": kind, "request": request});
        event("requestWillBeSent", &params)
    }

    fn failed(id: &str) -> Bytes {
        event("loadingFailed", &json!({"requestId": id, "errorText": "net::ERR_FAILED"}))
    }

    /// The requests that are finished.
    fn ids(finished: &[Exchange]) -> Vec<&str> {
        finished.iter().map(|exchange| exchange.request_id.as_str()).collect()
    }

    /// A page that is being loaded, with a picture that has failed already.
    fn loading() -> Requests {
        let mut requests = Requests::default();
        for message in [sent("1", "Document"), sent("2", "Image"), failed("2")] {
            assert_eq!(requests.hear("P", &message), Due::default());
        }
        requests
    }

    #[test]
    fn what_happens_while_a_page_is_loaded_waits() {
        let mut requests = loading();
        assert_eq!(requests.loading(), ["P"]);
        assert_eq!(ids(&requests.loaded("P").finished), ["2"]);
        assert_eq!(requests.loading(), [""; 0]);
        requests.hear("P", &sent("3", "Image"));
        assert_eq!(ids(&requests.hear("P", &failed("3")).finished), ["3"]);
    }

    #[test]
    fn it_waits_for_no_other_document() {
        let mut requests = loading();
        assert_eq!(ids(&requests.hear("P", &sent("3", "Document")).finished), ["2"]);
        assert_eq!(requests.loading(), ["P"]);
    }

    #[test]
    fn not_everything_waits() {
        let mut requests = loading();
        let long = event("dataReceived", &json!({"requestId": "1", "data": "a".repeat(MOST_WAITING)}));
        assert_eq!(ids(&requests.hear("P", &long).finished), ["2"]);
        assert_eq!(requests.loading(), ["P"]);
    }

    #[test]
    fn what_waits_when_all_is_over_is_not_lost() {
        let [(target, finished)] = &loading().end_all()[..] else { panic!("one page") };
        let mut ids = ids(finished);
        ids.sort_unstable();
        assert_eq!((target.as_str(), ids), ("P", vec!["1", "2"]));
    }
}
