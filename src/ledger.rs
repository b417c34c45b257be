//! The ledger: which sessions are ours, and what a click does with them. Pure rules over plain values; the Durable
//! Object in [`crate::ledger_do`] keeps what they decide.
//!
//! - [`record`]: one session as it is stored
//! - [`command`]: what can be asked of the ledger, and what it answers
//! - [`claims`]: clicks under way, so that the same click twice is one tab
//! - [`endings`]: how sessions and tabs end
//! - [`limits`]: how much one caller, and all together, may open
//! - [`links`]: signed links, as they are remembered

mod claims;
pub(crate) mod command;
mod endings;
mod limits;
mod links;
pub(crate) mod record;

pub(crate) use command::{Claim, Command, Page};
pub(crate) use limits::{Refusal, history_begins_ms, usage_begins_ms};
pub(crate) use links::{LINK_REVOKED, LinkRecord};
pub(crate) use record::{SessionRecord, State, TabRecord};

use crate::caller::Caller;
use crate::click::Click;
use crate::config::Policy;
use claims::Claims;
use limits::Usage;
use std::collections::{BTreeMap, BTreeSet};

/// All sessions of ours that have not ended, and the clicks under way.
#[derive(Debug)]
pub(crate) struct Ledger {
    policy: Policy,
    sessions: BTreeMap<String, SessionRecord>,
    links: BTreeMap<String, LinkRecord>,
    claims: Claims,
    usage: Usage,
    /// Sessions changed since [`Ledger::take_changed`].
    changed: BTreeSet<String>,
    changed_links: BTreeSet<String>,
}

impl Ledger {
    /// The ledger as it was stored: every session that has not ended or ended today, and every link still good.
    pub(crate) fn new(
        policy: Policy,
        sessions: impl IntoIterator<Item = SessionRecord>,
        links: impl IntoIterator<Item = LinkRecord>,
    ) -> Self {
        let mut usage = Usage::default();
        let mut living = BTreeMap::new();
        for session in sessions {
            if session.state == State::Ended {
                usage.count_ended(&session);
            } else {
                living.insert(session.session_id.clone(), session);
            }
        }
        Self {
            policy,
            sessions: living,
            links: links.into_iter().map(|link| (link.id.clone(), link)).collect(),
            claims: Claims::default(),
            usage,
            changed: BTreeSet::new(),
            changed_links: BTreeSet::new(),
        }
    }

    /// The records that have to be saved now. Ended ones leave memory with this.
    pub(crate) fn take_changed(&mut self) -> Vec<SessionRecord> {
        let changed: Vec<_> =
            std::mem::take(&mut self.changed).iter().filter_map(|id| self.sessions.get(id).cloned()).collect();
        self.sessions.retain(|_, session| session.state != State::Ended);
        changed
    }

    /// A session that has not ended.
    pub(crate) fn get(&self, session_id: &str) -> Option<&SessionRecord> {
        self.sessions.get(session_id)
    }

    /// All sessions that have not ended.
    pub(crate) fn sessions(&self) -> Vec<SessionRecord> {
        self.sessions.values().cloned().collect()
    }

    /// What a click is to do now.
    ///
    /// The same click as one under way waits for it; the same as one just answered joins its tab. A known caller's
    /// click opens a tab in that caller's own session, and waits where that session is being opened right now.
    /// Sessions are never shared between callers.
    pub(crate) fn claim(&mut self, caller: &Caller, click: &Click, link: Option<&str>, now_ms: u64) -> Claim {
        if let Some(refusal) = link.and_then(|id| self.refuse_link(id)) {
            return Claim::Refused(refusal);
        }
        self.claims.expire(now_ms, self.policy.coalesce_ms);
        if let Some(until_ms) = self.claims.under_way(caller, click) {
            return Claim::Wait { until_ms };
        }
        if let Some((session_id, target_id)) = self.claims.recent(caller, click)
            && self.has_tab(&session_id, &target_id)
        {
            self.touch(&session_id, Some(&target_id), now_ms);
            return Claim::Join { session_id, target_id };
        }
        if let Some(held_up) = link.and_then(|id| self.hold_up_link(id)) {
            return held_up;
        }
        let shares = caller.is_known() && !click.fresh;
        let own = if shares { self.own_session(&caller.name, click) } else { None };
        if let (true, None, Some(until_ms)) = (shares, &own, self.claims.acquiring(caller, click)) {
            return Claim::Wait { until_ms };
        }
        if let Err(refusal) = self.count_open(caller, link, own.is_none(), now_ms) {
            return Claim::Refused(refusal);
        }
        let claim = self.claims.begin(caller, click, link, own.is_none(), now_ms);
        let Some(session_id) = own else { return Claim::Acquire { claim } };
        self.touch(&session_id, None, now_ms);
        Claim::Reuse { claim, session_id }
    }

    /// The caller's own session, for a click that could get none of its own.
    pub(crate) fn fall_back(&mut self, claim: u64, now_ms: u64) -> Option<String> {
        self.claims.renew(claim, now_ms);
        let (caller, click) = self.claims.get(claim)?;
        let (name, recording) = (caller.is_known().then(|| caller.name.clone())?, click.options.recording);
        let session_id = self.latest(|session| session.is_used_by(&name) && session.recording == recording)?;
        self.touch(&session_id, None, now_ms);
        Some(session_id)
    }

    /// Records a session, before its tab is opened: from here on it will be closed, whatever happens. A refusal: the
    /// signed link was revoked meanwhile, and the session is to be closed at once.
    pub(crate) fn session_opened(
        &mut self,
        claim: u64,
        session_id: String,
        caller: &Caller,
        click: &Click,
        link: Option<&str>,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        let is_first = self.claims.acquired(claim, now_ms);
        let owner = link.and_then(|id| self.maker_of(id)).unwrap_or_else(|| caller.name.clone());
        let mut record = SessionRecord::new(session_id.clone(), owner, click, now_ms);
        record.link = link.map(str::to_owned);
        self.changed.insert(session_id.clone());
        self.sessions.insert(session_id.clone(), record);
        if let Some(id) = link.filter(|_| is_first) {
            self.count_link_open(id);
        }
        self.refuse_revoked(claim, &session_id)
    }

    /// Records a tab and ends the claim. Answers the tabs that are one too many now, least recently clicked first:
    /// they have left the ledger and are the caller's to close. A refusal is that of [`Ledger::session_opened`].
    pub(crate) fn tab_opened(
        &mut self,
        claim: u64,
        session_id: &str,
        target_id: String,
        click: &Click,
        now_ms: u64,
    ) -> Result<Vec<String>, Refusal> {
        self.refuse_revoked(claim, session_id)?;
        self.claims.finish(claim, session_id, &target_id, now_ms);
        let max_tabs = self.policy.max_tabs;
        let Some(session) = self.sessions.get_mut(session_id) else { return Ok(Vec::new()) };
        self.changed.insert(session_id.to_owned());
        session.clicked_at_ms = session.clicked_at_ms.max(now_ms);
        session.tabs.push(TabRecord::new(target_id, click, now_ms));
        Ok(session.evict_tabs(max_tabs))
    }

    /// Ends a claim that came to nothing: whoever waits for it tries by itself, and it does not count for a signed link.
    /// One for a session that turned out to be `gone` counts as no opened page either.
    pub(crate) fn abandon(&mut self, claim: u64, gone: bool) {
        if let Some((caller, _)) = self.claims.get(claim).filter(|_| gone) {
            self.usage.give_back_open(&caller.name);
        }
        if let Some(link) = self.claims.abandon(claim) {
            self.give_back_link_open(&link);
        }
    }

    /// Records that a link to this session (and tab) was asked for again.
    pub(crate) fn touch(&mut self, session_id: &str, target_id: Option<&str>, now_ms: u64) {
        let Some(session) = self.sessions.get_mut(session_id) else { return };
        session.clicked_at_ms = session.clicked_at_ms.max(now_ms);
        if let Some(tab) = target_id.and_then(|id| session.tabs.iter_mut().find(|tab| tab.target_id == id)) {
            tab.clicked_at_ms = tab.clicked_at_ms.max(now_ms);
        }
        self.changed.insert(session_id.to_owned());
    }

    fn own_session(&self, name: &str, click: &Click) -> Option<String> {
        self.latest(|session| session.is_used_by(name) && session.suits(&click.options))
    }

    /// The most recently clicked open session among those that `fits`.
    fn latest(&self, fits: impl Fn(&SessionRecord) -> bool) -> Option<String> {
        let open = self.sessions.values().filter(|session| session.state == State::Open && fits(session));
        open.max_by_key(|session| session.clicked_at_ms).map(|session| session.session_id.clone())
    }

    fn has_tab(&self, session_id: &str, target_id: &str) -> bool {
        let session = self.sessions.get(session_id).filter(|session| session.state == State::Open);
        session.is_some_and(|session| session.tabs.iter().any(|tab| tab.target_id == target_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::deadlines::CLAIM_MS;

    fn ledger() -> Ledger {
        Ledger::new(Policy { max_tabs: 2, ..Config::for_tests().policy }, [], [])
    }

    fn caller(name: &str) -> Caller {
        Caller::known(name)
    }

    fn click(url: &str) -> Click {
        Click::from_query(&format!("url=https://{url}"), 600).unwrap()
    }

    fn acquire(ledger: &mut Ledger, caller: &Caller, click: &Click, now_ms: u64) -> u64 {
        match ledger.claim(caller, click, None, now_ms) {
            Claim::Acquire { claim } => claim,
            other => panic!("{other:?}"),
        }
    }

    /// Opens a session with one tab.
    fn open(ledger: &mut Ledger, caller: &Caller, click: &Click, session_id: &str, now_ms: u64) {
        let claim = acquire(ledger, caller, click, now_ms);
        ledger.session_opened(claim, session_id.to_owned(), caller, click, None, now_ms).unwrap();
        ledger.tab_opened(claim, session_id, format!("{session_id}-T1"), click, now_ms).unwrap();
    }

    #[test]
    fn the_same_click_waits_for_the_first_and_then_joins_its_tab() {
        let (mut ledger, ada, page) = (ledger(), caller("ada"), click("a.com"));
        let claim = acquire(&mut ledger, &ada, &page, 0);
        assert_eq!(ledger.claim(&ada, &page, None, 1_000), Claim::Wait { until_ms: CLAIM_MS });
        ledger.session_opened(claim, "s1".to_owned(), &ada, &page, None, 2_000).unwrap();
        assert!(matches!(ledger.claim(&ada, &page, None, 2_500), Claim::Wait { .. }));
        ledger.tab_opened(claim, "s1", "T1".to_owned(), &page, 3_000).unwrap();
        let join = Claim::Join { session_id: "s1".to_owned(), target_id: "T1".to_owned() };
        assert_eq!(ledger.claim(&ada, &page, None, 12_999), join);
        assert!(matches!(ledger.claim(&ada, &page, None, 13_000), Claim::Reuse { .. }), "ten seconds are over");
    }

    #[test]
    fn a_click_whose_leader_failed_or_went_silent_leads_itself() {
        let (mut ledger, ada, page) = (ledger(), caller("ada"), click("a.com"));
        let claim = acquire(&mut ledger, &ada, &page, 0);
        ledger.abandon(claim, false);
        let claim = acquire(&mut ledger, &ada, &page, 1);
        assert!(matches!(ledger.claim(&ada, &page, None, CLAIM_MS), Claim::Wait { .. }));
        ledger.session_opened(claim, "s1".to_owned(), &ada, &page, None, CLAIM_MS).unwrap();
        let wait = Claim::Wait { until_ms: 2 * CLAIM_MS };
        assert_eq!(ledger.claim(&ada, &page, None, 2 * CLAIM_MS - 1), wait, "it was heard of");
        assert!(matches!(ledger.claim(&ada, &page, None, 2 * CLAIM_MS), Claim::Reuse { .. }));
    }

    #[test]
    fn sessions_are_never_shared_between_callers() {
        let mut ledger = ledger();
        let (ada, bob, nobody) = (caller("ada"), caller("bob"), Caller::unknown("anonymous", "x"));
        open(&mut ledger, &ada, &click("a.com"), "s1", 0);
        acquire(&mut ledger, &bob, &click("a.com"), 1);
        open(&mut ledger, &nobody, &click("a.com"), "s2", 2);
        acquire(&mut ledger, &nobody, &click("b.com"), 3);
        acquire(&mut ledger, &Caller::unknown("anonymous", "y"), &click("a.com"), 4);
    }

    #[test]
    fn a_callers_other_click_waits_for_the_browser_being_started() {
        let (mut ledger, ada) = (ledger(), caller("ada"));
        let claim = acquire(&mut ledger, &ada, &click("a.com"), 0);
        assert!(matches!(ledger.claim(&ada, &click("b.com"), None, 1), Claim::Wait { .. }));
        ledger.session_opened(claim, "s1".to_owned(), &ada, &click("a.com"), None, 2).unwrap();
        assert!(matches!(ledger.claim(&ada, &click("b.com"), None, 3), Claim::Reuse { .. }));
        let fresh = Click { fresh: true, ..click("c.com") };
        acquire(&mut ledger, &ada, &fresh, 4);
    }

    #[test]
    fn a_session_is_reused_only_where_it_suits() {
        let (mut ledger, ada) = (ledger(), caller("ada"));
        open(&mut ledger, &ada, &click("a.com"), "s1", 0);
        for (now_ms, other) in [(1, "a.com&recording"), (2, "a.com&keep_alive=601")] {
            let claim = acquire(&mut ledger, &ada, &click(other), now_ms);
            ledger.abandon(claim, false);
        }
        assert!(matches!(ledger.claim(&ada, &click("a.com&keep_alive=10&mode=tab"), None, 3), Claim::Reuse { .. }));
        assert!(ledger.begin_closing("s1", 10, "unused"));
        acquire(&mut ledger, &ada, &click("d.com&keep_alive=10"), 4);
    }

    #[test]
    fn one_tab_too_many_closes_the_least_recently_clicked() {
        let (mut ledger, ada) = (ledger(), caller("ada"));
        open(&mut ledger, &ada, &click("a.com"), "s1", 0);
        for (page, now_ms, evicted) in [("b.com", 1, None), ("c.com", 3, Some("s1-b.com"))] {
            let Claim::Reuse { claim, session_id } = ledger.claim(&ada, &click(page), None, now_ms) else {
                panic!("{page}")
            };
            let closed = ledger.tab_opened(claim, &session_id, format!("s1-{page}"), &click(page), now_ms);
            assert_eq!(closed.unwrap().first().map(String::as_str), evicted);
            ledger.touch("s1", Some("s1-T1"), 2);
        }
    }

    #[test]
    fn a_click_saves_a_session_from_being_closed_as_unused() {
        let (mut ledger, ada) = (ledger(), caller("ada"));
        open(&mut ledger, &ada, &click("a.com"), "s1", 100);
        assert!(!ledger.begin_closing("s1", 99, "unused"));
        assert!(ledger.begin_closing("s1", 100, "unused"));
        assert!(ledger.begin_closing("s1", 0, "unused"), "once marked, it stays marked");
        assert!(!ledger.begin_closing("somebody-elses", u64::MAX, "too_old"));
    }

    #[test]
    fn what_changed_is_saved_and_what_ended_leaves_memory() {
        let (mut ledger, ada) = (ledger(), caller("ada"));
        open(&mut ledger, &ada, &click("a.com"), "s1", 0);
        assert_eq!(ledger.take_changed().len(), 1);
        assert_eq!(ledger.take_changed(), []);
        ledger.ended("s1", "BrowserIdle", 5);
        ledger.ended("s1", "gone", 9);
        let saved = ledger.take_changed();
        assert_eq!((saved[0].end_reason.as_deref(), saved[0].ended_at_ms), (Some("BrowserIdle"), Some(5)));
        assert_eq!(ledger.get("s1"), None);
    }
}
