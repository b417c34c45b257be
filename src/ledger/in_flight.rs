//! Clicks in flight, so that the same click twice is one tab. Kept in memory only: what was in flight when the Durable
//! Object went away is over, and what it had opened is in the ledger.

use crate::domain::deadlines::CLICK_MS;
use crate::domain::{AttributedClick, ClickId, Map, SessionId, SignedLinkId, TargetId};

/// All clicks in flight, and those answered a moment ago.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    last_id: Option<ClickId>,
    clicks: Vec<ClickInFlight>,
    answered: Map<AttributedClick, AnsweredClick>,
    /// Of so many answered clicks those that are over are forgotten.
    most_answered: usize,
}

/// A click that has not been answered.
#[derive(Debug)]
pub(super) struct ClickInFlight {
    id: ClickId,
    pub(super) click: AttributedClick,
    /// When nobody waits for it any more, unless it is heard of before.
    pub(super) until_ms: u64,
    /// Whether it is still waiting for its browser.
    acquiring: bool,
    /// Whether that browser counts among those that its signed link has opened.
    pub(super) counted: bool,
}

/// A click that was answered, and the tab that it got.
#[derive(Debug)]
pub(super) struct AnsweredClick {
    pub(super) session_id: SessionId,
    pub(super) target_id: TargetId,
    answered_at_ms: u64,
}

impl InFlight {
    /// Forgets what is over.
    pub(super) fn expire(&mut self, now_ms: u64, coalesce_ms: u64) {
        self.clicks.retain(|one| one.until_ms > now_ms);
        if self.answered.len() >= self.most_answered {
            self.answered.retain(|_, one| one.answered_at_ms + coalesce_ms > now_ms);
            self.most_answered = 2 * self.answered.len() + 64;
        }
    }

    /// The same click, if it is in flight.
    pub(super) fn same(&self, click: &AttributedClick) -> Option<&ClickInFlight> {
        self.clicks.iter().find(|one| one.click == *click)
    }

    /// The same caller's click that waits for a browser which this one could use.
    pub(super) fn acquiring_for(&self, click: &AttributedClick) -> Option<&ClickInFlight> {
        self.clicks.iter().find(|one| {
            let theirs = &one.click.click.options;
            one.acquiring
                && one.click.caller == click.caller
                && click.click.options.can_share(theirs.recording, theirs.keep_alive_seconds)
        })
    }

    /// The tab of the same click, answered after a time.
    pub(super) fn answered_since(&self, click: &AttributedClick, since_ms: Option<u64>) -> Option<&AnsweredClick> {
        self.answered.get(click).filter(|one| since_ms.is_none_or(|since_ms| one.answered_at_ms > since_ms))
    }

    /// Begins a click. `acquiring`: whether it waits for a browser, not only for a tab.
    pub(super) fn begin(&mut self, click: AttributedClick, acquiring: bool, now_ms: u64) -> ClickId {
        let id = ClickId::next(self.last_id, now_ms);
        self.last_id = Some(id);
        self.clicks.push(ClickInFlight { id, click, until_ms: now_ms + CLICK_MS, acquiring, counted: false });
        id
    }

    /// A click in flight, which has been heard of: those who wait for it go on waiting.
    pub(super) fn heard_of(&mut self, id: ClickId, now_ms: u64) -> Option<&ClickInFlight> {
        let one = self.get_mut(id)?;
        one.until_ms = now_ms + CLICK_MS;
        Some(one)
    }

    /// The browser is there: the caller's other clicks can use it.
    pub(super) fn acquired(&mut self, id: ClickId, now_ms: u64) {
        if let Some(one) = self.get_mut(id) {
            one.until_ms = now_ms + CLICK_MS;
            one.acquiring = false;
        }
    }

    /// Its browser counts for its signed link from here on.
    pub(super) fn count(&mut self, id: ClickId) {
        if let Some(one) = self.get_mut(id) {
            one.counted = true;
        }
    }

    pub(super) fn get(&self, id: ClickId) -> Option<&ClickInFlight> {
        self.clicks.iter().find(|one| one.id == id)
    }

    /// A signed link's clicks in flight.
    pub(super) fn of_link(&self, link_id: &SignedLinkId) -> impl Iterator<Item = &ClickInFlight> + Clone {
        self.clicks.iter().filter(move |one| one.click.signed_link_id.as_ref() == Some(link_id))
    }

    /// How many browsers are being started for a name.
    pub(super) fn acquiring_by(&self, name: &str) -> usize {
        self.clicks.iter().filter(|one| one.acquiring && one.click.caller.name == name).count()
    }

    /// The click has its tab.
    pub(super) fn finish(&mut self, id: ClickId, session_id: &SessionId, target_id: &TargetId, now_ms: u64) {
        let Some(ClickInFlight { click, .. }) = self.remove(id) else { return };
        let (session_id, target_id) = (session_id.clone(), target_id.clone());
        self.answered.insert(click, AnsweredClick { session_id, target_id, answered_at_ms: now_ms });
    }

    /// Takes a click out that came to nothing.
    pub(super) fn remove(&mut self, id: ClickId) -> Option<ClickInFlight> {
        let index = self.clicks.iter().position(|one| one.id == id)?;
        Some(self.clicks.swap_remove(index))
    }

    fn get_mut(&mut self, id: ClickId) -> Option<&mut ClickInFlight> {
        self.clicks.iter_mut().find(|one| one.id == id)
    }
}
