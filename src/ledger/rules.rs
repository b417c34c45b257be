//! Sessions and signed links in memory: those that are open, and what the commands may do with them. What they change is
//! saved before anybody is told.

use super::browser_time::{DayTime, by_day};
use super::in_flight::InFlight;
use super::limits::{Usage, usage_begins_ms};
use super::links::LinkRecord;
use super::metrics::Metrics;
use super::sessions::{Sessions, Stored};
use super::store::Store;
use super::unanswered::{Refusal, StoreError, Unanswered};
use crate::domain::{EndReason, Ending, Map, Policy, SessionId, SessionRecord, SignedLinkId, State, TargetId};

/// All sessions of ours that have not ended, and the clicks in flight.
pub(crate) struct Ledger {
    pub(super) policy: Policy,
    pub(super) store: Store,
    pub(super) in_flight: InFlight,
    pub(super) usage: Usage,
    pub(super) metrics: Metrics,
    sessions: Sessions,
    /// Those that were asked for since this object started.
    links: Map<SignedLinkId, LinkRecord>,
    changed_links: Vec<SignedLinkId>,
    /// What has ended, and is not counted in the store yet.
    unsaved_time: Vec<DayTime>,
}

impl Ledger {
    /// The ledger as it was stored.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) fn open(policy: Policy, store: Store, now_ms: u64) -> Result<Self, StoreError> {
        let sessions = store.unended_sessions()?;
        let ended_ms = store.ended_ms_since(usage_begins_ms(now_ms))?;
        let metrics = Metrics::new(store.counts()?);
        Ok(Self {
            policy,
            store,
            in_flight: InFlight::default(),
            usage: Usage::new(ended_ms, now_ms),
            metrics,
            sessions: Sessions::new(sessions),
            links: Map::default(),
            changed_links: Vec::new(),
            unsaved_time: Vec::new(),
        })
    }

    /// Saves what has changed. What has ended leaves memory with this.
    ///
    /// # Errors
    /// When the store does not take it: then memory is ahead of it, and this ledger is to be opened anew.
    pub(crate) fn save_changed(&mut self) -> Result<(), StoreError> {
        for (id, stored) in self.sessions.take_changed() {
            let Some(session) = self.sessions.get(&id) else { continue };
            if stored == Stored::InState(session.state) {
                self.store.update_record(session)?;
            } else {
                self.store.save_session(session)?;
            }
            if session.state == State::Ended {
                self.sessions.remove(&id);
            }
        }
        for link in std::mem::take(&mut self.changed_links).iter().filter_map(|id| self.links.get(id)) {
            self.store.save_link(link)?;
        }
        for time in std::mem::take(&mut self.unsaved_time) {
            self.store.add_browser_time(&time)?;
        }
        Ok(())
    }

    /// Saves what was counted.
    ///
    /// # Errors
    /// When the store does not take it: then it is still to be saved.
    pub(super) fn save_counts(&mut self) -> Result<(), StoreError> {
        self.store.save_counts(self.metrics.counts())?;
        self.metrics.saved();
        Ok(())
    }

    /// A session that has not ended, or has just ended.
    pub(crate) fn get(&self, session_id: &SessionId) -> Option<&SessionRecord> {
        self.sessions.get(session_id)
    }

    /// All sessions that have not ended.
    pub(super) fn unended(&self) -> impl Iterator<Item = &SessionRecord> {
        self.sessions.all().filter(|session| session.state != State::Ended)
    }

    pub(super) fn insert(&mut self, session: SessionRecord) {
        self.sessions.insert(session);
    }

    /// A session that is going to be changed.
    pub(super) fn get_mut(&mut self, session_id: &SessionId) -> Option<&mut SessionRecord> {
        self.sessions.get_mut(session_id)
    }

    /// The sessions that a caller opened by clicks of their own. What a signed link opened is its holder's to use and its
    /// maker's to close.
    pub(super) fn own(&self, caller: &str) -> impl Iterator<Item = &SessionRecord> {
        self.sessions.own(caller).filter(|session| session.state != State::Ended)
    }

    /// How many they are. One that has ended leaves with the command that ends it.
    pub(super) fn count_own(&self, caller: &str) -> usize {
        self.sessions.count_own(caller)
    }

    /// The most recently clicked of them that is open and fits.
    pub(super) fn latest_own(&self, caller: &str, fits: impl Fn(&SessionRecord) -> bool) -> Option<SessionId> {
        let open = self.own(caller).filter(|session| session.state == State::Open && fits(session));
        open.max_by_key(|session| session.clicked_at_ms).map(|session| session.session_id.clone())
    }

    /// Records that a link into this session, or this tab, was asked for again.
    pub(super) fn touch(&mut self, session_id: &SessionId, target_id: Option<&TargetId>, now_ms: u64) {
        if let Some(session) = self.get_mut(session_id) {
            session.touch(target_id, now_ms);
        }
    }

    /// The same without saving it, which the click would wait for: its tab will be recorded, with the time.
    pub(super) fn touch_unsaved(&mut self, session_id: &SessionId, now_ms: u64) {
        if let Some(session) = self.sessions.get_mut_unsaved(session_id) {
            session.touch(None, now_ms);
        }
    }

    /// Marks a session for closing, so that no click uses it any more. Answers whether it may be closed: it is ours, it has
    /// not ended, and nobody has clicked it since `unless_clicked_after_ms`.
    pub(super) fn mark_closing(
        &mut self, id: &SessionId, unless_clicked_after_ms: Option<u64>, reason: &EndReason,
    ) -> bool {
        match self.sessions.get(id) {
            Some(session) if session.state == State::Open => {
                if unless_clicked_after_ms.is_some_and(|after_ms| session.clicked_at_ms > after_ms) {
                    return false;
                }
            }
            other => return other.is_some_and(|session| session.state == State::Closing),
        }
        if let Some(session) = self.get_mut(id) {
            session.state = State::Closing;
            session.end_reason = Some(reason.clone());
        }
        true
    }

    /// Records that a session has ended. What has ended stays as it was.
    pub(super) fn end(&mut self, session_id: &SessionId, ending: &Ending, now_ms: u64) {
        if let Some(session) = self.sessions.get_mut(session_id)
            && session.end(ending, now_ms)
        {
            self.usage.count_ended(session);
            let ended_at_ms = session.ended_at_ms.unwrap_or(now_ms);
            self.unsaved_time.extend(by_day(&session.caller, session.opened_at_ms, ended_at_ms));
            self.metrics.ended(ended_at_ms.saturating_sub(session.opened_at_ms));
        }
    }

    pub(super) fn insert_link(&mut self, link: LinkRecord) {
        self.changed_links.push(link.id.clone());
        self.links.insert(link.id.clone(), link);
    }

    /// A signed link, from the store where it has not been asked for before.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(super) fn link(&mut self, id: &SignedLinkId) -> Result<Option<&LinkRecord>, StoreError> {
        if !self.links.contains_key(id)
            && let Some(link) = self.store.link(id)?
        {
            self.links.insert(id.clone(), link);
        }
        Ok(self.links.get(id))
    }

    /// The same, to be changed.
    ///
    /// # Errors
    /// As [`Ledger::link`].
    pub(super) fn link_mut(&mut self, id: &SignedLinkId) -> Result<Option<&mut LinkRecord>, StoreError> {
        if self.link(id)?.is_some() {
            self.changed_links.push(id.clone());
        }
        Ok(self.links.get_mut(id))
    }

    /// Checks that a signed link may be opened at all.
    ///
    /// # Errors
    /// Why it opens nothing any more.
    pub(super) fn check_link(&mut self, id: &SignedLinkId) -> Result<(), Unanswered> {
        let link = self.link(id)?.ok_or(Refusal::LinkUnknown)?;
        if link.revoked_at_ms.is_some() { Err(Refusal::LinkRevoked.into()) } else { Ok(()) }
    }

    /// Checks that a signed link may open another browser now.
    ///
    /// # Errors
    /// Why it may not, or not yet.
    pub(super) fn check_link_opens(&mut self, id: &SignedLinkId) -> Result<(), Unanswered> {
        self.link(id)?;
        self.links.get(id).map_or(Ok(()), |link| link.check_opens(self.in_flight.of_link(id)))
    }
}
