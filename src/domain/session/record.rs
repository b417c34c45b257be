//! One session as it is stored, and what becomes of it. The format has a version and is pinned byte for byte by a test: what one release
//! wrote, the next must read.

use super::{EndReason, SessionId, SignedLinkId, TargetId};
use crate::domain::click::{Click, Options, View};
use lean_json::FromJson;
use lean_json::ToJson;
use page_url::PageUrl;

/// The version of the stored format.
const VERSION: u32 = 1;
/// The pause after the first failed close; it doubles with each.
const FIRST_PAUSE_MS: u64 = 60_000;
/// No pause is longer.
const LONGEST_PAUSE_MS: u64 = 60 * 60_000;

/// A session that this Worker opened. Times are epoch milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
pub(crate) struct SessionRecord {
    version: u32,
    /// Browser Run's id, a UUID.
    pub(crate) session_id: SessionId,
    /// Whose it is: who opened it, or who made the signed link that opened it.
    pub(crate) caller: String,
    /// The id of the signed link that opened it.
    #[serde(rename = "link", default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed_link_id: Option<SignedLinkId>,
    /// What it was first opened on.
    pub(crate) url: PageUrl,
    pub(crate) keep_alive_seconds: u32,
    pub(crate) recording: bool,
    pub(crate) opened_at_ms: u64,
    /// When somebody last asked for a link into it.
    pub(crate) clicked_at_ms: u64,
    pub(crate) state: State,
    pub(crate) ended_at_ms: Option<u64>,
    /// Why it ended, or is being closed.
    pub(crate) end_reason: Option<EndReason>,
    /// How often closing it has failed.
    pub(crate) close_attempts: u32,
    /// When closing is tried again.
    pub(crate) close_retry_at_ms: Option<u64>,
    /// When Browser Run was last asked for this one session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) asked_at_ms: Option<u64>,
    pub(crate) tabs: Vec<TabRecord>,
}

/// A tab that this Worker opened.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
pub(crate) struct TabRecord {
    pub(crate) target_id: TargetId,
    pub(crate) url: PageUrl,
    /// What a link to it shows, and allows.
    #[serde(default)]
    pub(crate) view: View,
    pub(crate) opened_at_ms: u64,
    pub(crate) clicked_at_ms: u64,
}

/// How a session has ended.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
pub(crate) struct Ending {
    pub(crate) reason: EndReason,
    /// How long Browser Run says that it lived: its clock is not ours.
    pub(crate) lived_ms: Option<u64>,
}

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// It may be used.
    Open,
    /// It is to be closed, and used no more.
    Closing,
    /// It is gone.
    Ended,
}

impl State {
    /// The state of this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "open" => Some(Self::Open),
            "closing" => Some(Self::Closing),
            "ended" => Some(Self::Ended),
            _ => None,
        }
    }
}

impl Ending {
    /// One whose session ended just now.
    pub(crate) fn now(reason: EndReason) -> Self {
        Self { reason, lived_ms: None }
    }
}

impl SessionRecord {
    /// A session just acquired, without tabs.
    pub(crate) fn new(session_id: SessionId, caller: String, click: &Click, now_ms: u64) -> Self {
        Self {
            version: VERSION,
            session_id,
            caller,
            signed_link_id: None,
            url: click.url.clone(),
            keep_alive_seconds: click.options.keep_alive_seconds,
            recording: click.options.recording,
            opened_at_ms: now_ms,
            clicked_at_ms: now_ms,
            state: State::Open,
            ended_at_ms: None,
            end_reason: None,
            close_attempts: 0,
            close_retry_at_ms: None,
            asked_at_ms: None,
            tabs: Vec::new(),
        }
    }

    /// One of which only the columns beside its record could be read: all that can be done with it is to close it.
    pub(crate) fn unreadable(session_id: SessionId, caller: String, opened_at_ms: u64) -> Self {
        let options = Options { keep_alive_seconds: 0, recording: false, view: View::default() };
        let click = Click { url: PageUrl::unknown(), options, fresh: false };
        let (state, end_reason) = (State::Closing, Some(EndReason::Unreadable));
        Self { state, end_reason, ..Self::new(session_id, caller, &click, opened_at_ms) }
    }

    /// Whether this Worker knows how to read it.
    pub(crate) fn is_known_version(&self) -> bool {
        self.version == VERSION
    }

    /// Whether a click with these options can have its tab here.
    pub(crate) fn is_compatible(&self, options: &Options) -> bool {
        options.can_share(self.recording, self.keep_alive_seconds)
    }

    /// Removes and answers the least recently clicked tabs beyond `max_tabs`. The newest stays.
    pub(crate) fn evict_tabs(&mut self, max_tabs: usize) -> Vec<TargetId> {
        let mut evicted = Vec::new();
        while self.tabs.len() > max_tabs.max(1) {
            let older = 0..self.tabs.len() - 1;
            let Some(oldest) = older.min_by_key(|index| self.tabs[*index].clicked_at_ms) else { break };
            evicted.push(self.tabs.remove(oldest).target_id);
        }
        evicted
    }

    /// Ends the session, once: answers whether this did. When it ended goes by our own clock: Browser Run's, which can be
    /// wrong, only says how long it lived.
    pub(crate) fn end(&mut self, ending: &Ending, now_ms: u64) -> bool {
        if self.state == State::Ended {
            return false;
        }
        let ended_at_ms =
            ending.lived_ms.map_or(now_ms, |lived_ms| self.opened_at_ms.saturating_add(lived_ms).min(now_ms));
        self.state = State::Ended;
        self.ended_at_ms = Some(ended_at_ms);
        self.end_reason.get_or_insert_with(|| ending.reason.clone());
        self.close_retry_at_ms = None;
        true
    }

    /// One of its tabs.
    pub(crate) fn tab(&self, target_id: &TargetId) -> Option<&TabRecord> {
        self.tabs.iter().find(|tab| tab.target_id == *target_id)
    }

    /// One of its tabs, or the one clicked last where none is named.
    pub(crate) fn tab_or_latest(&self, target_id: Option<&TargetId>) -> Option<&TabRecord> {
        match target_id {
            Some(target_id) => self.tab(target_id),
            None => self.tabs.iter().max_by_key(|tab| tab.clicked_at_ms),
        }
    }

    /// What a tab was opened on, as far as it is known.
    pub(crate) fn page(&self, target_id: Option<&TargetId>) -> &PageUrl {
        self.tab_or_latest(target_id).map_or(&self.url, |tab| &tab.url)
    }

    /// The click that opens the same page again.
    pub(crate) fn click_again(&self, target_id: Option<&TargetId>) -> Click {
        let view = self.tab_or_latest(target_id).map(|tab| tab.view).unwrap_or_default();
        let options = Options { keep_alive_seconds: self.keep_alive_seconds, recording: self.recording, view };
        Click { url: self.page(target_id).clone(), options, fresh: false }
    }

    /// Somebody asked for a link into it, or into this tab of it.
    pub(crate) fn touch(&mut self, target_id: Option<&TargetId>, now_ms: u64) {
        self.clicked_at_ms = self.clicked_at_ms.max(now_ms);
        if let Some(tab) = target_id.and_then(|id| self.tabs.iter_mut().find(|tab| tab.target_id == *id)) {
            tab.clicked_at_ms = tab.clicked_at_ms.max(now_ms);
        }
    }

    /// When it was last clicked, or asked for.
    pub(crate) fn heard_of_at_ms(&self) -> u64 {
        self.clicked_at_ms.max(self.asked_at_ms.unwrap_or(0))
    }

    /// Counts a failed close and plans the next.
    pub(crate) fn close_failed(&mut self, now_ms: u64) {
        let pause = FIRST_PAUSE_MS.saturating_mul(1 << self.close_attempts.min(10)).min(LONGEST_PAUSE_MS);
        self.close_attempts += 1;
        self.close_retry_at_ms = Some(now_ms + pause);
    }
}

impl TabRecord {
    pub(crate) fn new(target_id: TargetId, url: PageUrl, view: View, now_ms: u64) -> Self {
        Self { target_id, url, view, opened_at_ms: now_ms, clicked_at_ms: now_ms }
    }
}

#[cfg(test)]
impl SessionRecord {
    /// Ada's, on `https://e.com`, without a tab.
    pub(crate) fn for_tests(session_id: &str, opened_at_ms: u64) -> Self {
        let click = Click::from_query("url=https://e.com", crate::domain::Defaults::for_tests()).unwrap();
        Self::new(session_id.into(), "ada".to_owned(), &click, opened_at_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> SessionRecord {
        let click =
            Click::from_query("url=https://e.com/&recording&mode=tab&readonly", crate::domain::Defaults::for_tests())
                .unwrap();
        let mut record = SessionRecord::new("s-1".into(), "ada".to_owned(), &click, 1_000);
        record.tabs.push(TabRecord::new("T1".into(), click.url.clone(), click.options.view, 2_000));
        record
    }

    #[test]
    fn the_stored_format_is_unchanged() {
        let mut ended = record();
        ended.close_failed(5_000);
        ended.end(&Ending::now(EndReason::Reported("BrowserIdle".to_owned())), 9_000);
        assert_eq!(
            lean_json::write(&ended),
            "{\"version\":1,\"session_id\":\"s-1\",\"caller\":\"ada\",\"url\":\"https://e.com/\",\
             \"keep_alive_seconds\":600,\"recording\":true,\"opened_at_ms\":1000,\"clicked_at_ms\":1000,\
             \"state\":\"ended\",\"ended_at_ms\":9000,\"end_reason\":\"BrowserIdle\",\"close_attempts\":1,\
             \"close_retry_at_ms\":null,\"tabs\":[{\"target_id\":\"T1\",\"url\":\"https://e.com/\",\
             \"view\":{\"mode\":\"tab\",\"readonly\":true},\"opened_at_ms\":2000,\"clicked_at_ms\":2000}]}"
        );
        let stored = lean_json::write(&ended);
        assert_eq!(lean_json::read::<SessionRecord>(&stored).unwrap(), ended);
        let asked = SessionRecord { asked_at_ms: Some(7_000), ..ended };
        let stored = lean_json::write(&asked);
        assert!(stored.contains(r#""close_retry_at_ms":null,"asked_at_ms":7000,"tabs":"#), "{stored}");
        assert_eq!(lean_json::read::<SessionRecord>(&stored).unwrap(), asked);
    }

    #[test]
    fn a_signed_links_session_is_stored_with_the_links_id() {
        let (before, mut record) = (lean_json::write(&record()), record());
        record.signed_link_id = Some("l-1".into());
        let stored = lean_json::write(&record);
        assert_eq!(stored, before.replace("\"caller\":\"ada\",", "\"caller\":\"ada\",\"link\":\"l-1\","));
        assert_eq!(lean_json::read::<SessionRecord>(&stored).unwrap(), record);
        assert_eq!(lean_json::read::<SessionRecord>(&before).unwrap().signed_link_id, None);
    }

    #[test]
    fn pauses_between_closes_grow_up_to_an_hour() {
        let mut record = record();
        let pauses: Vec<_> = (0..8)
            .map(|_| {
                record.close_failed(0);
                record.close_retry_at_ms.unwrap() / 60_000
            })
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn the_least_recently_clicked_tabs_are_evicted_and_the_newest_stays() {
        let mut record = record();
        let first = record.tabs.remove(0);
        for (id, clicked_at_ms) in [("A", 30), ("B", 10), ("C", 20), ("D", 5)] {
            record.tabs.push(TabRecord { target_id: id.into(), clicked_at_ms, ..first.clone() });
        }
        assert_eq!(record.evict_tabs(2), ["B", "C"].map(TargetId::from));
        let kept: Vec<_> = record.tabs.iter().map(|tab| tab.target_id.as_str()).collect();
        assert_eq!(kept, ["A", "D"], "D was opened last");
    }
}
