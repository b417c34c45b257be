//! Clicks under way, so that the same click twice is one tab. Kept in memory only: what was under way when a
//! Durable Object went away is over, and what it had opened is in the ledger.

use crate::caller::Caller;
use crate::click::Click;
use crate::deadlines::CLAIM_MS;

/// All clicks under way, and those answered a moment ago.
#[derive(Debug, Default)]
pub(super) struct Claims {
    next: u64,
    under_way: Vec<UnderWay>,
    recent: Vec<Recent>,
}

#[derive(Debug)]
struct UnderWay {
    claim: u64,
    caller: Caller,
    click: Click,
    /// When nobody waits for it any more, unless it is heard of before.
    until_ms: u64,
    /// Whether it is still waiting for its browser.
    acquiring: bool,
    /// The signed link whose browser it is to open.
    link: Option<String>,
    /// Whether that browser counts among those that the link has opened.
    counted: bool,
}

#[derive(Debug)]
struct Recent {
    caller: Caller,
    click: Click,
    session_id: String,
    target_id: String,
    answered_at_ms: u64,
}

impl Claims {
    /// Forgets what is over.
    pub(super) fn expire(&mut self, now_ms: u64, coalesce_ms: u64) {
        self.under_way.retain(|one| one.until_ms > now_ms);
        self.recent.retain(|one| one.answered_at_ms + coalesce_ms > now_ms);
    }

    /// Until when the same click is under way.
    pub(super) fn under_way(&self, caller: &Caller, click: &Click) -> Option<u64> {
        self.under_way.iter().find(|one| one.caller == *caller && one.click == *click).map(|one| one.until_ms)
    }

    /// Until when the same caller waits for a browser that this click could use.
    pub(super) fn acquiring(&self, caller: &Caller, click: &Click) -> Option<u64> {
        let suits = |one: &&UnderWay| {
            let (theirs, ours) = (&one.click.options, &click.options);
            one.acquiring
                && one.caller == *caller
                && theirs.recording == ours.recording
                && theirs.keep_alive_seconds >= ours.keep_alive_seconds
        };
        self.under_way.iter().find(suits).map(|one| one.until_ms)
    }

    /// The tab of the same click, answered a moment ago.
    pub(super) fn recent(&self, caller: &Caller, click: &Click) -> Option<(String, String)> {
        let same = self.recent.iter().find(|one| one.caller == *caller && one.click == *click)?;
        Some((same.session_id.clone(), same.target_id.clone()))
    }

    /// Begins a click. `acquiring`: whether it waits for a browser, not only for a tab.
    pub(super) fn begin(
        &mut self,
        caller: &Caller,
        click: &Click,
        link: Option<&str>,
        acquiring: bool,
        now_ms: u64,
    ) -> u64 {
        // Never a number from before a restart.
        self.next = now_ms.max(self.next + 1);
        self.under_way.push(UnderWay {
            claim: self.next,
            caller: caller.clone(),
            click: click.clone(),
            until_ms: now_ms + CLAIM_MS,
            acquiring,
            link: link.map(str::to_owned),
            counted: false,
        });
        self.next
    }

    pub(super) fn get(&self, claim: u64) -> Option<(&Caller, &Click)> {
        self.under_way.iter().find(|one| one.claim == claim).map(|one| (&one.caller, &one.click))
    }

    /// It has been heard of: those who wait for it go on waiting.
    pub(super) fn renew(&mut self, claim: u64, now_ms: u64) {
        if let Some(one) = self.under_way.iter_mut().find(|one| one.claim == claim) {
            one.until_ms = now_ms + CLAIM_MS;
        }
    }

    /// The signed link of a click under way.
    pub(super) fn link_of(&self, claim: u64) -> Option<&str> {
        self.under_way.iter().find(|one| one.claim == claim)?.link.as_deref()
    }

    /// The browser is there: the caller's other clicks can use it. Answers whether it is this click's first.
    pub(super) fn acquired(&mut self, claim: u64, now_ms: u64) -> bool {
        self.renew(claim, now_ms);
        let Some(one) = self.under_way.iter_mut().find(|one| one.claim == claim) else { return true };
        one.acquiring = false;
        !std::mem::replace(&mut one.counted, true)
    }

    /// A signed link's clicks under way: until when, and whether their browsers are counted already.
    pub(super) fn of_link(&self, link: &str) -> impl Iterator<Item = (u64, bool)> {
        let of_link = self.under_way.iter().filter(move |one| one.link.as_deref() == Some(link));
        of_link.map(|one| (one.until_ms, one.counted))
    }

    /// Moves a claim from under way to answered.
    pub(super) fn finish(&mut self, claim: u64, session_id: &str, target_id: &str, now_ms: u64) {
        let Some(UnderWay { caller, click, .. }) = self.remove(claim) else { return };
        let (session_id, target_id) = (session_id.to_owned(), target_id.to_owned());
        self.recent.push(Recent { caller, click, session_id, target_id, answered_at_ms: now_ms });
    }

    /// How many browsers are being started for a name.
    pub(super) fn acquiring_by(&self, name: &str) -> usize {
        self.under_way.iter().filter(|one| one.acquiring && one.caller.name == name).count()
    }

    /// Ends a claim and answers the signed link that its browser was counted for.
    pub(super) fn abandon(&mut self, claim: u64) -> Option<String> {
        self.remove(claim).filter(|one| one.counted)?.link
    }

    fn remove(&mut self, claim: u64) -> Option<UnderWay> {
        let index = self.under_way.iter().position(|one| one.claim == claim)?;
        Some(self.under_way.swap_remove(index))
    }
}
