//! A click begins: what it is to do.

use super::{Command, Unanswered};
use crate::domain::access::AttributedClick;
use crate::domain::deadlines::WAITING_CLICK_MS;
use crate::domain::session::{ClickId, SessionId, TargetId};
use crate::ledger::limits::{Refusal, check_sessions};
use crate::ledger::links::HeldUp;
use crate::ledger::rules::Ledger;
use crate::ledger::store::StoreError;
use serde::{Deserialize, Serialize};

/// Asks what a click is to do now.
///
/// The same click as one in flight waits for it; the same as one just answered joins its tab. A known caller's click opens a
/// tab in that caller's own session, and waits where that session is being opened right now. Sessions are never shared
/// between callers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct BeginClick(pub(crate) AttributedClick);

/// What a click is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Decision {
    /// Make a link to this tab.
    Join { session_id: SessionId, target_id: TargetId },
    /// Open a tab in this session, and say what came of it.
    Reuse { click_id: ClickId, session_id: SessionId },
    /// Acquire a session, and say what came of it.
    Acquire { click_id: ClickId },
    /// Open nothing.
    Refused(Refusal),
}

impl Command for BeginClick {
    type Answer = Decision;

    const DEADLINE_MS: u32 = WAITING_CLICK_MS;

    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<Decision, Unanswered> {
        let Self(click) = self;
        let link_id = click.signed_link.as_ref();
        if let Some(link_id) = link_id
            && let Some(refusal) = ledger.refuse_link(link_id)?
        {
            return Ok(Decision::Refused(refusal));
        }
        ledger.in_flight.expire(now_ms, ledger.policy.coalesce_ms);
        if let Some(same) = ledger.in_flight.same(click) {
            return Err(Unanswered::WaitUntil(same.until_ms));
        }
        if let Some(joined) = join(ledger, click, now_ms) {
            return Ok(joined);
        }
        match held_up(ledger, click)? {
            Some(HeldUp::Until(until_ms)) => return Err(Unanswered::WaitUntil(until_ms)),
            Some(HeldUp::Refused(refusal)) => return Ok(Decision::Refused(refusal)),
            None => {}
        }
        let own = own_session(ledger, click)?;
        if let Err(refusal) = count_open(ledger, click, own.is_none(), now_ms) {
            return Ok(Decision::Refused(refusal));
        }
        let click_id = ledger.in_flight.begin(click.clone(), own.is_none(), now_ms);
        let Some(session_id) = own else { return Ok(Decision::Acquire { click_id }) };
        ledger.touch(&session_id, None, now_ms);
        Ok(Decision::Reuse { click_id, session_id })
    }
}

/// The tab of the same click, answered a moment ago, if it is still there.
fn join(ledger: &mut Ledger, click: &AttributedClick, now_ms: u64) -> Option<Decision> {
    let (session_id, target_id) = ledger.in_flight.answered(click)?;
    let (session_id, target_id) = (session_id.clone(), target_id.clone());
    if !ledger.has_open_tab(&session_id, &target_id) {
        return None;
    }
    ledger.touch(&session_id, Some(&target_id), now_ms);
    Some(Decision::Join { session_id, target_id })
}

/// What keeps the click from opening its signed link's next browser.
fn held_up(ledger: &mut Ledger, click: &AttributedClick) -> Result<Option<HeldUp>, StoreError> {
    let Some(link_id) = &click.signed_link else { return Ok(None) };
    let Some(link) = ledger.link(link_id)?.cloned() else { return Ok(None) };
    Ok(link.held_up(ledger.in_flight.of_link(link_id)))
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
    if click.signed_link.is_some() {
        return Ok(());
    }
    if acquire {
        let open = ledger.unended().filter(|session| session.is_used_by(name)).count();
        check_sessions(&policy, name, open + ledger.in_flight.acquiring_by(name))?;
    }
    ledger.usage.check_opens(&policy, name, now_ms)?;
    ledger.usage.count_open(name, now_ms);
    Ok(())
}
