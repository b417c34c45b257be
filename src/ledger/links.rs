//! Signed links as the ledger remembers them: who made them, how many browsers they have opened, and which are revoked.

use super::{Claim, Ledger, Refusal, State};
use crate::click::Options;
use crate::page_url::PageUrl;
use crate::signed_link::SignedLink;
use serde::{Deserialize, Serialize};

/// The version of the stored format.
const VERSION: u32 = 1;
/// Why a session ends that a link opened, when the link is revoked.
pub(crate) const LINK_REVOKED: &str = "link_revoked";

/// A link that was made here. Times are epoch milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LinkRecord {
    version: u32,
    pub(crate) id: String,
    /// Who made it.
    pub(crate) caller: String,
    pub(crate) url: PageUrl,
    pub(crate) options: Options,
    pub(crate) confirm: bool,
    pub(crate) note: Option<String>,
    pub(crate) created_at_ms: u64,
    pub(crate) expires_at_ms: u64,
    pub(crate) max_opens: u32,
    /// How many browsers it has opened.
    pub(crate) opens: u32,
    pub(crate) revoked_at_ms: Option<u64>,
}

impl LinkRecord {
    pub(crate) fn new(link: &SignedLink, caller: String, note: Option<String>, now_ms: u64) -> Self {
        Self {
            version: VERSION,
            id: link.id.clone(),
            caller,
            url: link.url.clone(),
            options: link.click().options,
            confirm: link.confirm,
            note,
            created_at_ms: now_ms,
            expires_at_ms: link.exp * 1_000,
            max_opens: link.max,
            opens: 0,
            revoked_at_ms: None,
        }
    }
}

impl Ledger {
    /// Records a link that was just made.
    pub(crate) fn link_made(&mut self, link: LinkRecord) {
        self.changed_links.insert(link.id.clone());
        self.links.insert(link.id.clone(), link);
    }

    /// Revokes a link of this caller's. Answers the sessions that it opened and that have not ended; `None`: there is
    /// no such link.
    pub(crate) fn revoke_link(&mut self, id: &str, caller: &str, now_ms: u64) -> Option<Vec<String>> {
        let of_link = self.sessions.values().filter(|session| session.link.as_deref() == Some(id));
        let of_link = of_link.filter(|session| session.caller == caller && session.state != State::Ended);
        let opened: Vec<_> = of_link.map(|session| session.session_id.clone()).collect();
        match self.links.get_mut(id).filter(|link| link.caller == caller) {
            Some(link) => {
                link.revoked_at_ms.get_or_insert(now_ms);
                self.changed_links.insert(id.to_owned());
                Some(opened)
            }
            // One that has expired is forgotten here before its sessions are.
            None => Some(opened).filter(|opened| !opened.is_empty()),
        }
    }

    /// Why a link opens nothing any more.
    pub(super) fn refuse_link(&self, id: &str) -> Option<Refusal> {
        match self.links.get(id) {
            None => Some(Refusal::LinkUnknown),
            Some(link) if link.revoked_at_ms.is_some() => Some(Refusal::LinkRevoked),
            Some(_) => None,
        }
    }

    /// What keeps a click from opening a link's next browser: all have been opened, or are being opened right now. One
    /// of those may fail, so that there is something to wait for.
    pub(super) fn hold_up_link(&self, id: &str) -> Option<Claim> {
        let link = self.links.get(id)?;
        let under_way = || self.claims.of_link(id);
        let counted = under_way().filter(|(_, counted)| *counted).count();
        let opens = usize::try_from(link.opens).unwrap_or(usize::MAX).saturating_sub(counted);
        let max_opens = usize::try_from(link.max_opens).unwrap_or(usize::MAX);
        if opens >= max_opens {
            return Some(Claim::Refused(Refusal::LinkUsedUp { max_opens: link.max_opens }));
        }
        let until_ms = under_way().map(|(until_ms, _)| until_ms).min()?;
        (opens + under_way().count() >= max_opens).then_some(Claim::Wait { until_ms })
    }

    /// Who made a link.
    pub(super) fn maker_of(&self, id: &str) -> Option<String> {
        self.links.get(id).map(|link| link.caller.clone())
    }

    /// Refuses what a click under way has opened by a link that was revoked meanwhile, and marks it for closing.
    pub(super) fn refuse_revoked(&mut self, claim: u64, session_id: &str) -> Result<(), Refusal> {
        let recorded = || self.sessions.get(session_id).and_then(|session| session.link.as_deref());
        // A session that the revocation closed is not here any more; its click is.
        let link = self.claims.link_of(claim).or_else(recorded);
        let Some(refusal) = link.and_then(|id| self.refuse_link(id)) else { return Ok(()) };
        self.begin_closing(session_id, u64::MAX, LINK_REVOKED);
        Err(refusal)
    }

    /// Counts a browser among those that a link has opened.
    pub(super) fn count_link_open(&mut self, id: &str) {
        let Some(link) = self.links.get_mut(id) else { return };
        link.opens += 1;
        self.changed_links.insert(id.to_owned());
    }

    /// Gives back a browser that came to nothing.
    pub(super) fn give_back_link_open(&mut self, id: &str) {
        let Some(link) = self.links.get_mut(id) else { return };
        link.opens = link.opens.saturating_sub(1);
        self.changed_links.insert(id.to_owned());
    }

    /// The links to save now.
    pub(crate) fn take_changed_links(&mut self) -> Vec<LinkRecord> {
        std::mem::take(&mut self.changed_links).iter().filter_map(|id| self.links.get(id).cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Caller;
    use crate::click::Click;
    use crate::config::{Config, Policy};

    const PAGE: &str = "url=https://e.com/";

    fn click() -> Click {
        Click::from_query(PAGE, 600).unwrap()
    }

    /// A ledger with a link of Ada's.
    fn ledger(max_opens: u32) -> Ledger {
        let policy = Policy { max_opens_per_minute: 2, max_sessions_per_caller: 1, ..Config::for_tests().policy };
        let mut ledger = Ledger::new(policy, [], []);
        let link = SignedLink {
            id: "l1".to_owned(),
            url: click().url,
            exp: 1_000,
            max: max_opens,
            keep_alive: 600,
            mode: None,
            readonly: false,
            confirm: false,
        };
        ledger.link_made(LinkRecord::new(&link, "ada".to_owned(), None, 0));
        ledger
    }

    fn holder(browser: &str) -> Caller {
        Caller::unknown("link l1", browser)
    }

    fn claim(ledger: &mut Ledger, browser: &str) -> Claim {
        ledger.claim(&holder(browser), &click(), Some("l1"), 0)
    }

    fn begin(ledger: &mut Ledger, browser: &str) -> u64 {
        match claim(ledger, browser) {
            Claim::Acquire { claim } => claim,
            other => panic!("{other:?}"),
        }
    }

    /// Opens the link as far as its session, named as the browser that asked for it.
    fn acquire(ledger: &mut Ledger, browser: &str) -> Result<u64, Refusal> {
        let claim = begin(ledger, browser);
        ledger.session_opened(claim, browser.to_owned(), &holder(browser), &click(), Some("l1"), 0)?;
        Ok(claim)
    }

    fn open_tab(ledger: &mut Ledger, claim: u64, browser: &str) -> Result<(), Refusal> {
        ledger.tab_opened(claim, browser, "T".to_owned(), &click(), 0).map(drop)
    }

    fn open(ledger: &mut Ledger, browser: &str) {
        let claim = acquire(ledger, browser).unwrap();
        open_tab(ledger, claim, browser).unwrap();
    }

    fn used_up(max_opens: u32) -> Claim {
        Claim::Refused(Refusal::LinkUsedUp { max_opens })
    }

    #[test]
    fn a_link_opens_as_many_browsers_as_it_says_whatever_its_makers_limits() {
        let mut ledger = ledger(20);
        for browser in 0..20 {
            open(&mut ledger, &browser.to_string());
        }
        assert_eq!(claim(&mut ledger, "one too many"), used_up(20), "and no 429");
        assert!(matches!(claim(&mut ledger, "0"), Claim::Join { .. }), "a reload opens no browser");
        let unknown = ledger.claim(&holder("a"), &click(), Some("l2"), 0);
        assert_eq!(unknown, Claim::Refused(Refusal::LinkUnknown));
    }

    #[test]
    fn a_used_up_link_says_so_whatever_else_is_used_up() {
        let mut ledger = ledger(1);
        open(&mut ledger, "a");
        ledger.policy.max_browser_ms_per_day = Some(0);
        assert_eq!(claim(&mut ledger, "b"), used_up(1));
        assert!(matches!(
            ledger.claim(&Caller::known("bob"), &click(), None, 0),
            Claim::Refused(Refusal::BrowserTime { .. })
        ));
    }

    #[test]
    fn a_browser_counts_once_it_is_recorded_and_a_click_under_way_only_holds_its_place() {
        let mut ledger = ledger(1);
        begin(&mut ledger, "killed");
        assert_eq!(ledger.links["l1"].opens, 0, "a Worker killed now costs nothing");
        assert!(matches!(claim(&mut ledger, "waits"), Claim::Wait { .. }));
        assert!(matches!(claim(&mut ledger, "killed"), Claim::Wait { .. }), "so does the same browser's double click");
        let later = ledger.claim(&holder("waits"), &click(), Some("l1"), u64::from(u32::MAX));
        assert!(matches!(later, Claim::Acquire { .. }), "{later:?}");
    }

    #[test]
    fn who_waits_for_a_links_last_browser_goes_on_when_that_fails_and_is_told_when_it_does_not() {
        let mut ledger = ledger(1);
        let first = begin(&mut ledger, "a");
        assert!(matches!(claim(&mut ledger, "b"), Claim::Wait { .. }));
        ledger.abandon(first, false);
        let second = acquire(&mut ledger, "b").unwrap();
        assert_eq!(ledger.links["l1"].opens, 1);
        assert!(matches!(claim(&mut ledger, "c"), Claim::Wait { .. }), "its tab may still fail");
        ledger.ended("b", "tab_failed", 0);
        ledger.abandon(second, false);
        assert_eq!(ledger.links["l1"].opens, 0);
        open(&mut ledger, "c");
        assert_eq!(claim(&mut ledger, "d"), used_up(1));
    }

    #[test]
    fn a_vanished_browser_that_is_replaced_counts_once() {
        let mut ledger = ledger(2);
        let claim = acquire(&mut ledger, "gone").unwrap();
        ledger.ended("gone", "gone", 0);
        ledger.session_opened(claim, "new".to_owned(), &holder("gone"), &click(), Some("l1"), 0).unwrap();
        assert_eq!(ledger.links["l1"].opens, 1);
    }

    #[test]
    fn what_a_link_opened_is_its_makers_and_never_used_for_another_click() {
        let mut ledger = ledger(20);
        open(&mut ledger, "a");
        let session = ledger.get("a").unwrap();
        assert_eq!((session.caller.as_str(), session.link.as_deref()), ("ada", Some("l1")));
        let ada = Caller::known("ada");
        let Claim::Acquire { claim } = ledger.claim(&ada, &click(), None, 0) else {
            panic!("neither reused, nor among the sessions that MAX_SESSIONS_PER_CALLER counts")
        };
        assert_eq!(ledger.fall_back(claim, 0), None);
        open(&mut ledger, "b");
    }

    #[test]
    fn a_click_under_way_does_not_outlive_its_links_revocation() {
        let mut ledger = ledger(20);
        open(&mut ledger, "before");
        let (acquiring, opening_tab) = (begin(&mut ledger, "a"), acquire(&mut ledger, "b").unwrap());
        assert_eq!(ledger.revoke_link("l1", "bob", 2), None, "only who made it");
        assert_eq!(ledger.revoke_link("l1", "ada", 2), Some(vec!["b".to_owned(), "before".to_owned()]));
        let recorded = ledger.session_opened(acquiring, "a".to_owned(), &holder("a"), &click(), Some("l1"), 3);
        assert_eq!(recorded, Err(Refusal::LinkRevoked));
        assert_eq!(open_tab(&mut ledger, opening_tab, "b"), Err(Refusal::LinkRevoked));
        for session_id in ["a", "b"] {
            let session = ledger.get(session_id).unwrap();
            assert_eq!((session.state, session.end_reason.as_deref()), (State::Closing, Some(LINK_REVOKED)));
        }
        assert_eq!(ledger.get("before").unwrap().state, State::Open, "unless it is asked for");
        assert_eq!(claim(&mut ledger, "a"), Claim::Refused(Refusal::LinkRevoked));
    }
}
