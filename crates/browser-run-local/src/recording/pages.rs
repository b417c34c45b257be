//! Which page each CDP session of the recorder's belongs to, and what each is told first. Pure.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{SMALL, script};
use crate::cdp::hidden::WORLD;

/// Bytes of responses that Chromium keeps for a page, in case one is asked for: until it is loaded.
const BUFFER: u64 = 16 * 1024 * 1024;

/// The parts of a page that are targets of their own, and load what it loads.
const PARTS: [&str; 4] = ["iframe", "worker", "shared_worker", "service_worker"];

/// A session that is attached to a page, or to a part of one.
#[derive(Debug)]
struct Attached {
    /// The page's target.
    page: String,
    is_page: bool,
    /// The recorder's world in the page, as this session knows it.
    world: Option<u64>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Pages {
    sessions: HashMap<String, Attached>,
}

impl Pages {
    /// Takes `Target.attachedToTarget`, in the session of the page that it is a part of, and says for which session what
    /// is to be told.
    pub(super) fn attach(&mut self, parent: Option<&str>, params: &Value) -> Option<(String, bool)> {
        let session = params["sessionId"].as_str()?.to_owned();
        let info = &params["targetInfo"];
        let is_page = info["type"] == "page";
        let page = if is_page { info["targetId"].as_str() } else { self.page(parent) }?.to_owned();
        self.sessions.insert(session.clone(), Attached { page, is_page, world: None });
        Some((session, is_page))
    }

    /// Takes `Target.detachedFromTarget`, and says which page is gone, if one is.
    pub(super) fn detach(&mut self, params: &Value) -> Option<String> {
        let attached = self.sessions.remove(params["sessionId"].as_str()?)?;
        attached.is_page.then_some(attached.page)
    }

    /// The page that a session belongs to.
    pub(super) fn page(&self, session: Option<&str>) -> Option<&str> {
        Some(self.sessions.get(session?)?.page.as_str())
    }

    /// The session that is attached to a page itself.
    pub(super) fn session_of(&self, page: &str) -> Option<&str> {
        let attached = self.sessions.iter().find(|(_, attached)| attached.is_page && attached.page == page);
        attached.map(|(session, _)| session.as_str())
    }

    /// Takes `Runtime.executionContextCreated`.
    pub(super) fn world_created(&mut self, session: Option<&str>, params: &Value) {
        let context = &params["context"];
        let attached = session.and_then(|session| self.sessions.get_mut(session));
        if let Some(attached) = attached.filter(|attached| context["auxData"]["frameId"] == *attached.page)
            && context["name"] == WORLD
        {
            attached.world = context["id"].as_u64();
        }
    }

    /// The recorder's world in a page.
    pub(super) fn world(&self, session: Option<&str>) -> Option<u64> {
        self.sessions.get(session?)?.world
    }

    /// All of them, each with its session.
    pub(super) fn worlds(&self) -> Vec<(String, u64)> {
        let worlds = self.sessions.iter().filter_map(|(session, attached)| Some((session.clone(), attached.world?)));
        worlds.collect()
    }
}

/// What the browser is told: each page is attached to, and a new one waits until it is recorded.
pub(super) fn attach_to_pages() -> Value {
    auto_attach(&["page"])
}

/// What the browser is told when nothing is recorded any more.
pub(super) fn let_go_of_pages() -> Value {
    json!({"autoAttach": false, "waitForDebuggerOnStart": false, "flatten": true})
}

fn auto_attach(types: &[&str]) -> Value {
    let filter: Vec<_> = types.iter().map(|kind| json!({"type": kind})).collect();
    json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": filter})
}

/// What a page, or a part of one, is told before it goes on.
pub(super) fn first_commands(is_page: bool, source: &str) -> Vec<(&'static str, Value)> {
    let network = json!({"maxTotalBufferSize": BUFFER, "maxResourceBufferSize": SMALL * 4, "maxPostDataSize": SMALL});
    let mut commands = vec![("Network.enable", network), ("Target.setAutoAttach", auto_attach(&PARTS))];
    if is_page {
        commands.extend([
            ("Page.enable", json!({})),
            // A binding is in new worlds only for who has enabled this.
            ("Runtime.enable", json!({})),
            ("Runtime.addBinding", script::binding()),
            ("Page.addScriptToEvaluateOnNewDocument", script::on_new_document(source)),
        ]);
    }
    commands.push(("Runtime.runIfWaitingForDebugger", json!({})));
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached(kind: &str, target: &str) -> Value {
        json!({"sessionId": format!("session of {target}"), "targetInfo": {"targetId": target, "type": kind}})
    }

    #[test]
    fn parts_belong_to_the_page_that_they_are_in() {
        let mut pages = Pages::default();
        assert_eq!(pages.attach(None, &attached("page", "P")), Some(("session of P".to_owned(), true)));
        pages.attach(Some("session of P"), &attached("iframe", "F"));
        assert_eq!(
            pages.attach(Some("session of F"), &attached("worker", "W")).map(|(_, is_page)| is_page),
            Some(false)
        );
        assert_eq!(pages.page(Some("session of W")), Some("P"));
        assert_eq!(pages.attach(Some("unknown"), &attached("worker", "X")), None);
        assert_eq!(pages.detach(&json!({"sessionId": "session of F"})), None);
        assert_eq!(pages.detach(&json!({"sessionId": "session of P"})).as_deref(), Some("P"));
        assert_eq!((pages.page(Some("session of P")), pages.page(None)), (None, None));
    }

    #[test]
    fn a_pages_world_is_that_of_its_own_frame() {
        let mut pages = Pages::default();
        let session = Some("session of P");
        pages.attach(None, &attached("page", "P"));
        let created = |name: &str, frame: &str, id: u64| json!({"context": {"id": id, "name": name, "auxData": {"frameId": frame}}});
        pages.world_created(session, &created(WORLD, "P", 2));
        pages.world_created(session, &created("", "P", 3));
        pages.world_created(session, &created(WORLD, "F", 4));
        assert_eq!((pages.world(session), pages.world(None)), (Some(2), None));
        assert_eq!(pages.worlds(), [("session of P".to_owned(), 2)]);
    }

    #[test]
    fn a_page_goes_on_when_it_is_recorded() {
        let last = |is_page: bool| first_commands(is_page, "").pop().map(|(method, _)| method);
        assert_eq!((last(true), last(false)), (Some("Runtime.runIfWaitingForDebugger"), last(true)));
    }
}
