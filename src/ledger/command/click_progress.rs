//! What comes of a click that has begun.

use super::Command;
use crate::domain::{
    AttributedClick, ClickId, EndReason, SessionId, SessionRecord, SignedLinkId, TabRecord, TargetId, UpstreamCall,
    View,
};
use crate::ledger::rules::Ledger;
use crate::ledger::unanswered::{Refusal, Unanswered};
use lean_json::FromJson;
use lean_json::ToJson;
use page_url::PageUrl;

/// Asks for a session of the caller's own, for a click that could get no new one.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct FallBack {
    pub(crate) click_id: ClickId,
}

/// Records a session: from here on it will be closed, whatever happens. A refusal: its signed link was revoked or used up
/// meanwhile, and it is to be closed at once.
///
/// The click comes again, though the object had it when it began: that is kept in memory alone, and this has to be recorded
/// also by an object that was started since.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct RecordSession {
    pub(crate) click_id: ClickId,
    pub(crate) session_id: SessionId,
    pub(crate) click: AttributedClick,
    /// What was called for it, for the counters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) calls: Vec<UpstreamCall>,
}

/// Records a tab and ends the click. Answers the tabs that are one too many now, least recently clicked first: they have left
/// the ledger and are the asker's to close. A refusal is that of [`RecordSession`].
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct RecordTab {
    pub(crate) click_id: ClickId,
    pub(crate) session_id: SessionId,
    pub(crate) target_id: TargetId,
    pub(crate) url: PageUrl,
    pub(crate) view: View,
    /// Whether the session was there before the click.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) reused: bool,
    /// What was called for it, for the counters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) calls: Vec<UpstreamCall>,
}

/// Ends a click that came to nothing: whoever waits for it tries by itself, and it does not count for its signed link.
#[derive(Debug, ToJson, FromJson)]
pub(crate) struct AbandonClick {
    pub(crate) click_id: ClickId,
    /// Whether the session it was for turned out to be gone: then it counts as no opened page either.
    pub(crate) gone: bool,
    /// Whether it was refused here, after it had begun.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) refused: bool,
    /// What was called for it, for the counters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) calls: Vec<UpstreamCall>,
}

impl Command for FallBack {
    type Answer = Option<SessionId>;

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<Option<SessionId>, Unanswered> {
        let Some(in_flight) = ledger.in_flight.heard_of(self.click_id, now_ms) else { return Ok(None) };
        let AttributedClick { caller, click, .. } = in_flight.click.clone();
        if !caller.is_known() {
            return Ok(None);
        }
        let own = ledger.latest_own(&caller.name, |session| session.recording == click.options.recording);
        if let Some(session_id) = &own {
            ledger.touch(session_id, None, now_ms);
        }
        Ok(own)
    }
}

impl Command for RecordSession {
    type Answer = ();

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<(), Unanswered> {
        let AttributedClick { caller, click, signed_link_id } = &self.click;
        ledger.in_flight.acquired(self.click_id, now_ms);
        // It may be told twice, where the first answer was lost.
        let is_new = ledger.get(&self.session_id).is_none();
        if is_new {
            ledger.metrics.calls(&self.calls);
        }
        let link = match signed_link_id {
            Some(link_id) => ledger.link(link_id)?,
            None => None,
        };
        // What a link opens is its maker's.
        let owner = link.map_or(&caller.name, |link| &link.caller).clone();
        let mut session = SessionRecord::new(self.session_id.clone(), owner, click, now_ms);
        session.signed_link_id.clone_from(signed_link_id);
        ledger.insert(session);
        check_revoked(ledger, self.click_id, &self.session_id)?;
        match signed_link_id {
            Some(link_id) if is_new => self.count(ledger, link_id),
            _ => Ok(()),
        }
    }
}

impl RecordSession {
    /// Counts the click's first browser for its signed link. One too many is refused: where the click was thought to be over,
    /// by a clock that was set or an object that was started since, its place went to another.
    fn count(&self, ledger: &mut Ledger, link_id: &SignedLinkId) -> Result<(), Unanswered> {
        if ledger.in_flight.get(self.click_id).is_some_and(|in_flight| in_flight.counted) {
            return Ok(());
        }
        let Some(link) = ledger.link_mut(link_id)? else { return Ok(()) };
        let max_opens = link.max_opens;
        if link.opens >= max_opens {
            ledger.mark_closing(&self.session_id, None, &EndReason::TabFailed);
            return Err(Refusal::LinkUsedUp { max_opens }.into());
        }
        link.opens += 1;
        ledger.in_flight.count(self.click_id);
        Ok(())
    }
}

impl Command for RecordTab {
    type Answer = Vec<TargetId>;

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<Vec<TargetId>, Unanswered> {
        let Self { click_id, session_id, target_id, url, view, reused, calls } = self;
        // It may be told twice, where the first answer was lost.
        let is_new = ledger.get(session_id).is_none_or(|session| session.tab(target_id).is_none());
        if is_new {
            ledger.metrics.calls(calls);
        }
        check_revoked(ledger, *click_id, session_id)?;
        if is_new {
            ledger.metrics.click(if *reused { "reused" } else { "acquired" });
        }
        ledger.in_flight.finish(*click_id, session_id, target_id, now_ms);
        let max_tabs = ledger.policy.max_tabs;
        let Some(session) = ledger.get_mut(session_id) else { return Ok(Vec::new()) };
        session.touch(None, now_ms);
        if is_new {
            session.tabs.push(TabRecord::new(target_id.clone(), url.clone(), *view, now_ms));
        }
        Ok(session.evict_tabs(max_tabs))
    }
}

impl Command for AbandonClick {
    type Answer = ();

    fn apply(&self, ledger: &mut Ledger, _now_ms: u64) -> Result<(), Unanswered> {
        ledger.metrics.calls(&self.calls);
        if !self.gone {
            ledger.metrics.click(if self.refused { "refused" } else { "failed" });
        }
        let Some(abandoned) = ledger.in_flight.remove(self.click_id) else { return Ok(()) };
        if self.gone {
            ledger.usage.give_back_open(&abandoned.click.caller.name);
        }
        if let Some(link_id) = abandoned.click.signed_link_id.filter(|_| abandoned.counted)
            && let Some(link) = ledger.link_mut(&link_id)?
        {
            link.opens = link.opens.saturating_sub(1);
        }
        Ok(())
    }
}

/// Refuses what a click in flight has opened by a link that was revoked meanwhile, and marks it for closing.
fn check_revoked(ledger: &mut Ledger, click_id: ClickId, session_id: &SessionId) -> Result<(), Unanswered> {
    let Some(link_id) = signed_link_id(ledger, click_id, session_id) else { return Ok(()) };
    let checked = ledger.check_link(&link_id);
    if matches!(checked, Err(Unanswered::Refused(_))) {
        ledger.mark_closing(session_id, None, &EndReason::LinkRevoked);
    }
    checked
}

/// The signed link of a click in flight. A session that the revocation closed is not here any more; its click is.
fn signed_link_id(ledger: &Ledger, click_id: ClickId, session_id: &SessionId) -> Option<SignedLinkId> {
    let of_click = ledger.in_flight.get(click_id).and_then(|in_flight| in_flight.click.signed_link_id.clone());
    of_click.or_else(|| ledger.get(session_id)?.signed_link_id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Caller, Policy, SignedLink, State};
    use crate::ledger::test_ledger::{TestLedger, click};
    use crate::ledger::{Decision, LinkRecord, MakeLink, Touch};

    #[test]
    fn one_tab_too_many_closes_the_least_recently_clicked() {
        let mut ledger = TestLedger::new(Policy { max_tabs: 2, ..Policy::for_tests() });
        let of_ada = |page: &str| click(&Caller::known("ada"), &format!("url=https://{page}"));
        ledger.open(&of_ada("a.com"), "s1", 0);
        for (page, now_ms, evicted) in [("b.com", 1, None), ("c.com", 3, Some("s1-b.com"))] {
            let Ok(Decision::Reuse { click_id, .. }) = ledger.begin(&of_ada(page), now_ms) else { panic!("{page}") };
            let closed = ledger.record_tab(click_id, "s1", &format!("s1-{page}"), &of_ada(page), now_ms);
            assert_eq!(closed.unwrap().first().map(TargetId::as_str), evicted);
            ledger.ask(&Touch { session_id: "s1".into(), target_id: "T1".into(), calls: vec![] }, 2);
        }
    }

    /// A holder's click of a link for one browser.
    fn holders(ledger: &mut TestLedger, browser: &str) -> AttributedClick {
        let click = click(&Caller::unknown("link l1", browser), "url=https://a.com");
        let (id, url, keep_alive) = (SignedLinkId::from("l1"), click.click.url.clone(), 600);
        let (mode, readonly, confirm) = (None, false, false);
        let link = SignedLink {
            id: id.clone(),
            url,
            exp: 1_000,
            max: 1,
            keep_alive,
            mode,
            readonly,
            recording: false,
            confirm,
        };
        if ledger.ledger.link(&id).unwrap().is_none() {
            ledger.ask(&MakeLink { link: LinkRecord::new(&link, "ada".to_owned(), None, 0) }, 0);
        }
        AttributedClick { signed_link_id: Some(id), ..click }
    }

    fn opens(ledger: &mut TestLedger) -> u32 {
        ledger.ledger.link(&"l1".into()).unwrap().unwrap().opens
    }

    #[test]
    fn a_links_browser_too_many_is_refused_whose_click_was_thought_to_be_over() {
        let mut ledger = TestLedger::new(Policy::for_tests());
        let (first, second) = (holders(&mut ledger, "a"), holders(&mut ledger, "b"));
        let first_id = ledger.acquire(&first, 0);
        let second_id = ledger.acquire(&second, 2 * crate::domain::deadlines::CLICK_MS);
        ledger.record_session(second_id, "s2", &second, 0).unwrap();
        let refused = ledger.record_session(first_id, "s1", &first, 0);
        assert_eq!((refused, opens(&mut ledger)), (Err(Refusal::LinkUsedUp { max_opens: 1 }), 1));
        assert_eq!(ledger.find("s1").unwrap().state, State::Closing);
        ledger.abandon(first_id);
        assert_eq!(opens(&mut ledger), 1, "it had counted nothing");
    }

    #[test]
    fn a_links_browser_that_is_told_again_after_a_restart_counts_once() {
        let mut before = TestLedger::new(Policy::for_tests());
        let click = holders(&mut before, "a");
        let click_id = before.acquire(&click, 0);
        before.record_session(click_id, "s1", &click, 0).unwrap();
        let mut ledger = before.restarted(1);
        assert_eq!((ledger.record_session(click_id, "s1", &click, 1), opens(&mut ledger)), (Ok(()), 1));
    }

    #[test]
    fn a_tab_that_is_told_twice_is_one() {
        let mut ledger = TestLedger::new(Policy::for_tests());
        let click = click(&Caller::known("ada"), "url=https://a.com");
        let click_id = ledger.acquire(&click, 0);
        ledger.record_session(click_id, "s1", &click, 0).unwrap();
        for now_ms in [1, 2] {
            assert_eq!(ledger.record_tab(click_id, "s1", "T1", &click, now_ms), Ok(vec![]));
        }
        assert_eq!(ledger.find("s1").unwrap().tabs.len(), 1);
    }
}
