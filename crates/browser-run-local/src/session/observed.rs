//! What a session's pages do that their picture does not show, pure: open dialogs, windows that they opened, downloads.
//!
//! Chromium tells a CDP connection of a dialog once, when it opens. Who connects later hears nothing of it, and can't
//! answer it: so the server remembers it for them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Downloads that are remembered: the newest.
const DOWNLOADS: usize = 100;

/// A session's pages and downloads, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Observed {
    pub(crate) pages: Vec<Page>,
    pub(crate) downloads: Vec<Download>,
}

/// A tab or a window.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    pub(crate) target_id: String,
    /// The target of the page that opened it.
    opener_id: Option<String>,
    title: String,
    url: String,
    dialog: Option<Dialog>,
    /// The observer's CDP session of this page.
    #[serde(skip)]
    session: String,
}

/// A dialog that waits for its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dialog {
    /// `alert`, `confirm`, `prompt` or `beforeunload`.
    #[serde(rename = "type")]
    kind: String,
    message: String,
    #[serde(default)]
    default_prompt: String,
}

/// A file that a page had Chromium download.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Download {
    /// What Chromium calls it.
    pub(crate) guid: String,
    /// The name that it is to have.
    pub(crate) name: String,
    received_bytes: u64,
    /// 0 as long as it is not known.
    total_bytes: u64,
    /// `inProgress`, `completed` or `canceled`.
    state: String,
    /// Where it is, once it is complete.
    #[serde(skip)]
    pub(crate) path: Option<PathBuf>,
}

/// Somebody's answer to a dialog.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    target_id: String,
    accept: bool,
    prompt_text: Option<String>,
}

impl Observed {
    /// Takes an event of Chromium's, or an answer about a target, and says whether anything is different now.
    pub(super) fn apply(&mut self, event: &Value) -> bool {
        let params = &event["params"];
        let before = self.clone();
        match event["method"].as_str().unwrap_or_default() {
            "Target.attachedToTarget" => self.attached(params),
            "Target.detachedFromTarget" => self.pages.retain(|page| params["sessionId"] != *page.session),
            "Target.targetInfoChanged" => self.changed(&params["targetInfo"]),
            "Page.javascriptDialogOpening" => self.ask(event, Dialog::deserialize(params).ok()),
            "Page.javascriptDialogClosed" => self.ask(event, None),
            "Browser.downloadWillBegin" => self.begin(params),
            "Browser.downloadProgress" => self.progress(params),
            // The answer to a question about a target.
            "" if event["result"]["targetInfo"].is_object() => self.changed(&event["result"]["targetInfo"]),
            _ => return false,
        }
        *self != before
    }

    fn attached(&mut self, params: &Value) {
        let info = &params["targetInfo"];
        self.pages.push(Page {
            target_id: text(&info["targetId"]),
            opener_id: info["openerId"].as_str().map(str::to_owned),
            title: text(&info["title"]),
            url: text(&info["url"]),
            dialog: None,
            session: text(&params["sessionId"]),
        });
    }

    fn changed(&mut self, info: &Value) {
        if let Some(page) = self.pages.iter_mut().find(|page| info["targetId"] == *page.target_id) {
            (page.title, page.url) = (text(&info["title"]), text(&info["url"]));
        }
    }

    fn ask(&mut self, event: &Value, dialog: Option<Dialog>) {
        if let Some(page) = self.pages.iter_mut().find(|page| event["sessionId"] == *page.session) {
            page.dialog = dialog;
        }
    }

    fn begin(&mut self, params: &Value) {
        self.downloads.push(Download {
            guid: text(&params["guid"]),
            name: text(&params["suggestedFilename"]),
            received_bytes: 0,
            total_bytes: 0,
            state: "inProgress".to_owned(),
            path: None,
        });
        let too_many = self.downloads.len().saturating_sub(DOWNLOADS);
        self.downloads.drain(..too_many);
    }

    fn progress(&mut self, params: &Value) {
        if let Some(download) = self.downloads.iter_mut().find(|download| params["guid"] == *download.guid) {
            download.received_bytes = number(&params["receivedBytes"]);
            download.total_bytes = number(&params["totalBytes"]);
            download.state = text(&params["state"]);
            download.path = params["filePath"].as_str().map(PathBuf::from);
        }
    }

    /// What the holder of a read-only link to one page may know: that page, and what it opened.
    pub(crate) fn of(&self, target: &str) -> Self {
        let own = |page: &&Page| page.target_id == target || page.opener_id.as_deref() == Some(target);
        Self { pages: self.pages.iter().filter(own).cloned().collect(), downloads: Vec::new() }
    }

    /// The target to ask about, since its title may have changed with this event: Chromium does not tell.
    pub(super) fn retitled(&self, event: &Value) -> Option<&str> {
        const TIMES: [&str; 3] = ["Page.domContentEventFired", "Page.frameStoppedLoading", "Page.loadEventFired"];
        let may_be = TIMES.contains(&event["method"].as_str().unwrap_or_default());
        let page = self.pages.iter().find(|page| event["sessionId"] == *page.session);
        page.filter(|_| may_be).map(|page| page.target_id.as_str())
    }

    /// The command that answers a dialog, and the session for it; none where there is no such page.
    pub(super) fn command(&self, answer: Answer) -> Option<(&'static str, Value, String)> {
        let page = self.pages.iter().find(|page| page.target_id == answer.target_id)?;
        let params = json!({"accept": answer.accept, "promptText": answer.prompt_text.unwrap_or_default()});
        Some(("Page.handleJavaScriptDialog", params, page.session.clone()))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// CDP's numbers are floating-point ones.
fn number(value: &Value) -> u64 {
    value.as_f64().unwrap_or_default() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached(target: &str, opener: Option<&str>) -> Value {
        json!({"method": "Target.attachedToTarget", "params": {
            "sessionId": format!("session of {target}"),
            "targetInfo": {"targetId": target, "openerId": opener, "title": "T", "url": "about:blank"},
        }})
    }

    fn opening(target: &str) -> Value {
        json!({"method": "Page.javascriptDialogOpening", "sessionId": format!("session of {target}"), "params":
            {"url": "about:blank", "message": "Who?", "type": "prompt", "hasBrowserHandler": true, "defaultPrompt": "x"}})
    }

    fn observed(events: &[Value]) -> Observed {
        let mut observed = Observed::default();
        for event in events {
            assert!(observed.apply(event), "{event}");
        }
        observed
    }

    #[test]
    fn a_dialog_is_remembered_with_its_page_until_it_is_closed() {
        let mut observed = observed(&[attached("a", None), attached("b", None), opening("b")]);
        let page = serde_json::to_value(&observed.pages[1]).unwrap();
        assert_eq!(page["dialog"], json!({"type": "prompt", "message": "Who?", "defaultPrompt": "x"}));
        assert_eq!(observed.pages[0].dialog, None);
        let closed = json!({"method": "Page.javascriptDialogClosed", "sessionId": "session of b", "params": {}});
        assert!(observed.apply(&closed));
        assert_eq!(observed.pages[1].dialog, None);
        assert!(!observed.apply(&closed), "nothing is different");
    }

    #[test]
    fn an_answer_is_a_command_for_its_pages_session() {
        let observed = observed(&[attached("a", None)]);
        let answer = |json: Value| observed.command(serde_json::from_value(json).unwrap());
        let (method, params, session) = answer(json!({"targetId": "a", "accept": true, "promptText": "Ada"})).unwrap();
        assert_eq!((method, session.as_str()), ("Page.handleJavaScriptDialog", "session of a"));
        assert_eq!(params, json!({"accept": true, "promptText": "Ada"}));
        assert!(answer(json!({"targetId": "z", "accept": true})).is_none());
    }

    #[test]
    fn pages_come_and_go_and_change_their_titles() {
        let mut observed = observed(&[
            attached("a", None),
            attached("b", Some("a")),
            json!({"method": "Target.targetInfoChanged", "params":
                {"targetInfo": {"targetId": "b", "title": "B", "url": "http://b/"}}}),
        ]);
        let page = serde_json::to_value(&observed.pages[1]).unwrap();
        let wanted = json!({"targetId": "b", "openerId": "a", "title": "B", "url": "http://b/", "dialog": null});
        assert_eq!(page, wanted);
        let loaded = json!({"method": "Page.loadEventFired", "sessionId": "session of b", "params": {}});
        assert_eq!(observed.retitled(&loaded), Some("b"));
        let info = json!({"targetId": "b", "title": "Loaded", "url": "http://b/"});
        assert!(observed.apply(&json!({"id": 9, "result": {"targetInfo": info}})));
        assert_eq!(observed.pages[1].title, "Loaded");
        observed.apply(&json!({"method": "Target.detachedFromTarget", "params": {"sessionId": "session of a"}}));
        assert_eq!(observed.pages.len(), 1);
        assert!(!observed.apply(&json!({"method": "Page.frameNavigated", "params": {}})));
    }

    #[test]
    fn a_download_has_a_name_and_its_progress() {
        let begin = |guid: &str| {
            let params = json!({"guid": guid, "suggestedFilename": "a.csv", "url": "http://a/", "frameId": "f"});
            json!({"method": "Browser.downloadWillBegin", "params": params})
        };
        let mut observed = observed(&[begin("g")]);
        assert_eq!(observed.downloads[0].path, None);
        let params =
            json!({"guid": "g", "totalBytes": 3.0, "receivedBytes": 3.0, "state": "completed", "filePath": "/d/g"});
        observed.apply(&json!({"method": "Browser.downloadProgress", "params": params}));
        let wanted = json!({"guid": "g", "name": "a.csv", "receivedBytes": 3, "totalBytes": 3, "state": "completed"});
        assert_eq!(serde_json::to_value(&observed.downloads[0]).unwrap(), wanted);
        assert_eq!(observed.downloads[0].path, Some("/d/g".into()));
        for i in 0..DOWNLOADS {
            observed.apply(&begin(&i.to_string()));
        }
        assert_eq!((observed.downloads.len(), observed.downloads[0].guid.as_str()), (DOWNLOADS, "0"));
    }

    #[test]
    fn a_link_to_one_page_tells_of_that_page_and_what_it_opened() {
        let observed = observed(&[attached("a", None), attached("b", Some("a")), attached("c", None)]);
        let pages = observed.of("a").pages;
        assert_eq!(pages.iter().map(|page| page.target_id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
