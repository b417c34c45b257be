//! A click begins: what it is to do.

use super::Command;
use crate::domain::deadlines::WAITING_CLICK_MS;
use crate::domain::{AttributedClick, ClickId, SessionId, State, TargetId};
use crate::ledger::in_flight::AnsweredClick;
use crate::ledger::limits::check_sessions;
use crate::ledger::rules::Ledger;
use crate::ledger::unanswered::{Refusal, Unanswered};
use lean_json::{FromJson, ToJson};

/// Asks what a click is to do now.
///
/// The same click as one in flight waits for it; the same as one just answered joins its tab. A known caller's click opens a
/// tab in that caller's own session, and waits where that session is being opened right now. Sessions are never shared
/// between callers.
#[derive(Debug, ToJson, FromJson)]
#[serde(transparent)]
pub(crate) struct BeginClick(pub(crate) AttributedClick);

/// What a click is to do.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
pub(crate) enum Decision {
    /// Make a link to this tab.
    Join { session_id: SessionId, target_id: TargetId },
    /// Open a tab in this session, and say what came of it.
    Reuse { click_id: ClickId, session_id: SessionId },
    /// Acquire a session, and say what came of it.
    Acquire { click_id: ClickId },
}

impl Command for BeginClick {
    type Answer = Decision;

    const DEADLINE_MS: u32 = WAITING_CLICK_MS;

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<Decision, Unanswered> {
        let decision = self.decide(ledger, now_ms);
        match &decision {
            Ok(Decision::Join { .. }) => ledger.metrics.click("joined"),
            Err(Unanswered::Refused(_)) => ledger.metrics.click("refused"),
            // What comes of it will be told, or it comes again.
            _ => {}
        }
        decision
    }
}

impl BeginClick {
    fn decide(&self, ledger: &mut Ledger, now_ms: u64) -> Result<Decision, Unanswered> {
        let Self(click) = self;
        if let Some(link_id) = &click.signed_link_id {
            ledger.check_link(link_id)?;
        }
        ledger.in_flight.expire(now_ms, ledger.policy.coalesce_ms);
        if let Some(same) = ledger.in_flight.same(click) {
            return Err(Unanswered::WaitUntil(same.until_ms));
        }
        if let Some(joined) = join(ledger, click, now_ms) {
            return Ok(joined);
        }
        if let Some(link_id) = &click.signed_link_id {
            ledger.check_link_opens(link_id)?;
        }
        let own = own_session(ledger, click)?;
        count_open(ledger, click, own.is_none(), now_ms)?;
        let click_id = ledger.in_flight.begin(click.clone(), own.is_none(), now_ms);
        let Some(session_id) = own else { return Ok(Decision::Acquire { click_id }) };
        ledger.touch_unsaved(&session_id, now_ms);
        Ok(Decision::Reuse { click_id, session_id })
    }
}

/// The tab of the same click, answered a moment ago, if it is still there.
fn join(ledger: &mut Ledger, click: &AttributedClick, now_ms: u64) -> Option<Decision> {
    let since_ms = now_ms.checked_sub(ledger.policy.coalesce_ms);
    let AnsweredClick { session_id, target_id, .. } = ledger.in_flight.answered_since(click, since_ms)?;
    let (session_id, target_id) = (session_id.clone(), target_id.clone());
    ledger.get(&session_id).filter(|session| session.state == State::Open)?.tab(&target_id)?;
    ledger.touch(&session_id, Some(&target_id), now_ms);
    Some(Decision::Join { session_id, target_id })
}

/// The session of a known caller that the click can have its tab in; one that is being acquired is waited for.
fn own_session(ledger: &Ledger, click: &AttributedClick) -> Result<Option<SessionId>, Unanswered> {
    if !click.caller.is_known() || click.click.fresh {
        return Ok(None);
    }
    let options = &click.click.options;
    if let Some(own) = ledger.latest_own(&click.caller.name, |session| session.is_compatible(options)) {
        return Ok(Some(own));
    }
    match ledger.in_flight.acquiring_for(click) {
        Some(acquiring) => Err(Unanswered::WaitUntil(acquiring.until_ms)),
        None => Ok(None),
    }
}

/// Counts a page, if the limits allow it: everything that may refuse is asked first. A signed link's own number of browsers
/// stands for its holders' limits.
fn count_open(ledger: &mut Ledger, click: &AttributedClick, acquire: bool, now_ms: u64) -> Result<(), Refusal> {
    let (policy, name) = (ledger.policy, &click.caller.name);
    if acquire {
        let opened_at_ms = ledger.unended().map(|session| session.opened_at_ms);
        ledger.usage.check_browser_time(&policy, opened_at_ms, now_ms)?;
    }
    if click.signed_link_id.is_some() {
        return Ok(());
    }
    if acquire {
        check_sessions(&policy, name, ledger.count_own(name) + ledger.in_flight.acquiring_by(name))?;
    }
    ledger.usage.check_opens(&policy, name, now_ms)?;
    ledger.usage.count_open(name, now_ms);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deadlines::CLICK_MS;
    use crate::domain::{Caller, Click, EndReason, Policy};
    use crate::ledger::test_ledger::TestLedger;

    fn ledger() -> TestLedger {
        TestLedger::new(Policy { max_tabs: 2, ..Policy::for_tests() })
    }

    fn of(name: &str, page: &str) -> AttributedClick {
        crate::ledger::test_ledger::click(&Caller::known(name), &format!("url=https://{page}"))
    }

    fn nobodys(client: &str, page: &str) -> AttributedClick {
        AttributedClick { caller: Caller::unknown("anonymous", client), ..of("", page) }
    }

    fn is_waiting(decision: &Result<Decision, Unanswered>) -> bool {
        matches!(decision, Err(Unanswered::WaitUntil(_)))
    }

    #[test]
    fn the_same_click_waits_for_the_first_and_then_joins_its_tab() {
        let (mut ledger, click) = (ledger(), of("ada", "a.com"));
        let click_id = ledger.acquire(&click, 0);
        assert_eq!(ledger.begin(&click, 1_000), Err(Unanswered::WaitUntil(CLICK_MS)));
        ledger.record_session(click_id, "s1", &click, 2_000).unwrap();
        assert!(is_waiting(&ledger.begin(&click, 2_500)));
        ledger.record_tab(click_id, "s1", "T1", &click, 3_000).unwrap();
        let join = Decision::Join { session_id: "s1".into(), target_id: "T1".into() };
        assert_eq!(ledger.begin(&click, 12_999), Ok(join));
        assert!(matches!(ledger.begin(&click, 13_000), Ok(Decision::Reuse { .. })), "ten seconds are over");
    }

    #[test]
    fn a_click_whose_leader_failed_or_went_silent_leads_itself() {
        let (mut ledger, click) = (ledger(), of("ada", "a.com"));
        let click_id = ledger.acquire(&click, 0);
        ledger.abandon(click_id);
        let click_id = ledger.acquire(&click, 1);
        assert!(is_waiting(&ledger.begin(&click, CLICK_MS)));
        ledger.record_session(click_id, "s1", &click, CLICK_MS).unwrap();
        let heard_of = ledger.begin(&click, 2 * CLICK_MS - 1);
        assert_eq!(heard_of, Err(Unanswered::WaitUntil(2 * CLICK_MS)), "it was heard of");
        assert!(matches!(ledger.begin(&click, 2 * CLICK_MS), Ok(Decision::Reuse { .. })));
    }

    #[test]
    fn sessions_are_never_shared_between_callers() {
        let mut ledger = ledger();
        ledger.open(&of("ada", "a.com"), "s1", 0);
        ledger.acquire(&of("bob", "a.com"), 1);
        ledger.open(&nobodys("x", "a.com"), "s2", 2);
        ledger.acquire(&nobodys("x", "b.com"), 3);
        ledger.acquire(&nobodys("y", "a.com"), 4);
    }

    #[test]
    fn a_callers_other_click_waits_for_the_browser_being_started() {
        let mut ledger = ledger();
        let click_id = ledger.acquire(&of("ada", "a.com"), 0);
        assert!(is_waiting(&ledger.begin(&of("ada", "b.com"), 1)));
        ledger.record_session(click_id, "s1", &of("ada", "a.com"), 2).unwrap();
        assert!(matches!(ledger.begin(&of("ada", "b.com"), 3), Ok(Decision::Reuse { .. })));
        let mut fresh = of("ada", "c.com");
        fresh.click = Click { fresh: true, ..fresh.click };
        ledger.acquire(&fresh, 4);
    }

    #[test]
    fn a_session_is_reused_only_where_it_is_compatible() {
        let mut ledger = ledger();
        ledger.open(&of("ada", "a.com"), "s1", 0);
        for (now_ms, other) in [(1, "a.com&recording"), (2, "a.com&keep_alive=601")] {
            let click_id = ledger.acquire(&of("ada", other), now_ms);
            ledger.abandon(click_id);
        }
        assert!(matches!(ledger.begin(&of("ada", "a.com&keep_alive=10&mode=tab"), 3), Ok(Decision::Reuse { .. })));
        assert!(ledger.mark_closing("s1", Some(10), EndReason::Unused));
        ledger.acquire(&of("ada", "d.com&keep_alive=10"), 4);
    }

    #[test]
    fn a_click_begun_before_a_restart_is_recorded_after_it() {
        let (mut before, click) = (ledger(), of("ada", "a.com"));
        let click_id = before.acquire(&click, 7);
        let mut ledger = before.restarted(8);
        ledger.record_session(click_id, "s1", &click, 9).unwrap();
        ledger.record_tab(click_id, "s1", "T1", &click, 10).unwrap();
        assert_eq!(ledger.find("s1").unwrap().tabs[0].target_id, TargetId::from("T1"));
        assert!(ledger.acquire(&of("ada", "b.com&fresh"), 11) > click_id, "no number is given twice");
    }
}
