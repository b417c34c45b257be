//! An account at Browser Run: its sessions, ours and others', and what each call does to them and is answered.

use crate::browser_run::{Answer, Call};
use serde_json::{Value, json};

/// What begins every secret of a link.
pub(super) const JWT: &str = "jwt=JWTSECRET";
/// How long after its last use a session of others' lives.
const OTHERS_KEEP_ALIVE_MS: u64 = 100 * 24 * 60 * 60 * 1_000;
/// Browser Run's clock is not ours.
const CLOCK_AHEAD_MS: u64 = 1_790_000_123_000;

/// All sessions of an account.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) sessions: Vec<RemoteSession>,
    /// Sessions listed at once.
    pub(super) page: usize,
    tabs: usize,
    links: usize,
    /// What was done that must not be.
    pub(super) violations: Vec<String>,
}

/// A session. Times are the simulation's milliseconds.
#[derive(Debug)]
pub(super) struct RemoteSession {
    pub(super) id: String,
    /// Which deed acquired it; `None`: it is somebody else's.
    pub(super) acquired_by: Option<usize>,
    pub(super) started_ms: u64,
    keep_alive_ms: u64,
    used_ms: u64,
    /// Until when somebody looks at it.
    connected_until_ms: u64,
    pub(super) ended: Option<(u64, &'static str)>,
    tabs: Vec<String>,
    /// Whether our Worker has read its id.
    pub(super) is_known: bool,
    /// Whether Browser Run has said that it is gone, and it was not.
    pub(super) is_lied_about: bool,
}

impl RemoteSession {
    pub(super) fn is_ours(&self) -> bool {
        self.acquired_by.is_some()
    }

    /// Ends what nobody has used for too long.
    fn expire(&mut self, now_ms: u64) {
        let idle_ms = self.used_ms.max(self.connected_until_ms) + self.keep_alive_ms;
        if self.ended.is_none() && idle_ms <= now_ms {
            self.ended = Some((idle_ms, "BrowserIdle"));
        }
    }

    pub(super) fn end(&mut self, now_ms: u64, why: &'static str) {
        self.expire(now_ms);
        self.ended.get_or_insert((now_ms, why));
    }

    fn json(&self, now_ms: u64) -> Value {
        let mut json = json!({ "sessionId": self.id, "startTime": CLOCK_AHEAD_MS + self.started_ms });
        if let Some((at_ms, why)) = self.ended {
            json["endTime"] = (CLOCK_AHEAD_MS + at_ms).into();
            json["closeReasonText"] = why.into();
        }
        if self.connected_until_ms > 0 {
            json["connectionStartTime"] = (CLOCK_AHEAD_MS + self.started_ms + 1).into();
            if self.connected_until_ms <= now_ms {
                json["connectionEndTime"] = (CLOCK_AHEAD_MS + self.connected_until_ms).into();
            }
        }
        json
    }
}

impl Account {
    pub(super) fn new(foreign: usize, page: usize) -> Self {
        let mut account = Self { page, ..Self::default() };
        for _ in 0..foreign {
            account.start(None, OTHERS_KEEP_ALIVE_MS, 0);
        }
        account
    }

    /// The so-manyth session, if there are as many.
    pub(super) fn id(&self, nth: usize) -> String {
        self.sessions.get(nth).map_or_else(|| format!("no-session-{nth}"), |session| session.id.clone())
    }

    pub(super) fn get(&self, id: &str) -> Option<&RemoteSession> {
        self.sessions.iter().find(|session| session.id == id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut RemoteSession> {
        self.sessions.iter_mut().find(|session| session.id == id)
    }

    pub(super) fn end(&mut self, nth: usize, now_ms: u64) {
        if let Some(session) = self.sessions.get_mut(nth) {
            session.end(now_ms, "Chromium crashed");
        }
    }

    pub(super) fn close_first_tab(&mut self, nth: usize) {
        if let Some(session) = self.sessions.get_mut(nth).filter(|session| session.tabs.len() > 1) {
            session.tabs.remove(1);
        }
    }

    /// Somebody opens a link, and stays for some time.
    pub(super) fn connect(&mut self, id: &str, until_ms: u64) {
        if let Some(session) = self.get_mut(id) {
            session.connected_until_ms = session.connected_until_ms.max(until_ms);
        }
    }

    pub(super) fn expire(&mut self, now_ms: u64) {
        self.sessions.iter_mut().for_each(|session| session.expire(now_ms));
    }

    fn start(&mut self, acquired_by: Option<usize>, keep_alive_ms: u64, now_ms: u64) -> String {
        let whose = if acquired_by.is_some() { "ours" } else { "theirs" };
        let id = format!("{whose}-{}", self.sessions.len());
        let tabs = vec![self.new_tab()];
        self.sessions.push(RemoteSession {
            id: id.clone(),
            acquired_by,
            started_ms: now_ms,
            keep_alive_ms,
            used_ms: now_ms,
            connected_until_ms: 0,
            ended: None,
            tabs,
            is_known: false,
            is_lied_about: false,
        });
        id
    }

    fn new_tab(&mut self) -> String {
        self.tabs += 1;
        format!("T{}", self.tabs)
    }

    fn target(&mut self, session_id: &str, tab: &str) -> Value {
        self.links += 1;
        let link = format!(
            "https://live.browser.run/ui/view?wss=live.browser.run/api/devtools/browser/{session_id}/page/{tab}?{JWT}.{}",
            self.links
        );
        json!({ "id": tab, "type": "page", "url": "about:blank", "devtoolsFrontendUrl": link })
    }

    /// Carries out a call of a deed's.
    pub(super) fn carry_out(&mut self, deed: usize, call: &Call, now_ms: u64) -> Answer {
        self.expire(now_ms);
        let (path, query) = call.path.split_once('?').unwrap_or((&call.path, ""));
        let segments: Vec<_> = path[1..].split('/').collect();
        let body = match (call.method, segments.as_slice()) {
            ("POST", ["browser"]) => Some(self.acquire(deed, query, now_ms)),
            ("GET", ["session"]) => Some(self.list(query, now_ms)),
            ("GET", ["session", id]) => {
                self.check_is_ours(call, id);
                Some(self.get(id).map_or(Value::Null, |session| session.json(now_ms)))
            }
            (method, ["browser", id, rest @ ..]) => {
                self.check_is_ours(call, id);
                self.in_session(method, id, rest, call.body.as_deref(), now_ms)
            }
            _ => {
                self.violations.push(format!("{} {} is no call of Browser Run's", call.method, call.path));
                None
            }
        };
        let status = if body.is_some() { 200 } else { 404 };
        let body = body.map_or_else(|| "No such session or target".to_owned(), |body| body.to_string());
        Answer { status, retry_after: None, body }
    }

    fn check_is_ours(&mut self, call: &Call, id: &str) {
        if !self.get(id).is_some_and(RemoteSession::is_ours) {
            self.violations.push(format!("{} {} is about a session that is not ours", call.method, call.path));
        }
    }

    fn acquire(&mut self, deed: usize, query: &str, now_ms: u64) -> Value {
        let keep_alive = query.split('&').find_map(|pair| pair.strip_prefix("keep_alive=")?.parse().ok());
        let id = self.start(Some(deed), keep_alive.expect("every acquisition has a keep_alive"), now_ms);
        let tab = self.get(&id).expect("it has just started").tabs[0].clone();
        let target = self.target(&id, &tab);
        json!({ "sessionId": id, "targets": [target] })
    }

    /// Newest first, so that the pages shift whenever a session starts. Every third is left out while it lives, and some that
    /// have ended are not.
    fn list(&self, query: &str, now_ms: u64) -> Value {
        let number = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.parse::<usize>().ok());
        let limit = number("limit=").unwrap_or(100).min(self.page);
        let is_listed = |session: &&RemoteSession| match session.ended {
            None => session.started_ms % 3 != 1,
            Some((at_ms, _)) => at_ms % 2 == 0,
        };
        let newest = self.sessions.iter().rev().filter(is_listed);
        newest.skip(number("offset=").unwrap_or(0)).take(limit).map(|session| session.json(now_ms)).collect()
    }

    fn in_session(&mut self, method: &str, id: &str, rest: &[&str], body: Option<&str>, now_ms: u64) -> Option<Value> {
        let session = self.get_mut(id).filter(|session| session.ended.is_none())?;
        session.used_ms = now_ms;
        let has_tab = |tab: &str| session.tabs.iter().any(|one| one == tab);
        match (method, rest) {
            ("DELETE", []) => {
                session.end(now_ms, "NormalClosure");
                Some(json!({ "status": "closing" }))
            }
            ("PUT", ["json", "new"]) => {
                let tab = self.new_tab();
                self.get_mut(id)?.tabs.push(tab.clone());
                Some(self.target(id, &tab))
            }
            ("GET", ["json", "list", tab]) => has_tab(tab).then(|| self.target(id, tab)),
            ("GET", ["json", "close", tab]) => {
                session.tabs.retain(|one| one != tab);
                Some(json!({ "message": "Target is closing" }))
            }
            ("POST", ["live_view"]) => {
                let body: Value = serde_json::from_str(body?).expect("a body is JSON");
                let tab = body["targetId"].as_str().expect("every live view is of one tab");
                has_tab(tab).then(|| self.target(id, tab))
            }
            _ => None,
        }
    }
}
