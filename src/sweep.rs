//! The clean-up's plan, as a pure function of the time, the rules, the ledger and Browser Run's list.
//!
//! Closes what is ours and too old, ours and unused, or ours and already marked for closing. What is not in the
//! ledger is counted, and left alone.

use crate::config::Policy;
use crate::ledger::{SessionRecord, State};
use browser_run_api::Session;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A session younger than this may be missing from Browser Run's list only because the list is older.
const LISTING_GRACE_MS: u64 = 60_000;

/// What Browser Run listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listing {
    pub(crate) sessions: Vec<Session>,
    /// Whether the whole list was read. If not, nothing is concluded from a session's absence.
    pub(crate) complete: bool,
}

/// What a clean-up is to do, oldest session first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) close: Vec<Close>,
    pub(crate) ended: Vec<Ended>,
    pub(crate) kept: Vec<String>,
    /// How many open sessions on the account are not ours.
    pub(crate) foreign: usize,
}

/// A session to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Close {
    pub(crate) session_id: String,
    pub(crate) why: Why,
    /// When it was last clicked as far as this plan knows: a later click saves it.
    pub(crate) clicked_at_ms: u64,
}

/// A session of ours that has ended by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) session_id: String,
    /// Browser Run's own reason, where it gave one.
    pub(crate) reason: String,
    pub(crate) ended_at_ms: Option<u64>,
}

/// Why a session is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    /// It outlived `MAX_SESSION_MINUTES`.
    TooOld,
    /// Nobody was connected, and nobody clicked, for `IDLE_MINUTES`.
    Unused,
    /// It was marked for closing before.
    Marked,
}

impl Why {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::TooOld => "too_old",
            Self::Unused => "unused",
            Self::Marked => "marked",
        }
    }
}

/// What one clean-up did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SweepReport {
    pub(crate) started_at_ms: u64,
    /// Whether this only says what would be done.
    pub(crate) dry_run: bool,
    pub(crate) closed: Vec<Closed>,
    /// Found to have ended by themselves.
    pub(crate) ended: usize,
    pub(crate) kept: usize,
    pub(crate) failed: Vec<Failed>,
    /// Left for the next run, which takes them first.
    pub(crate) postponed: usize,
    /// Open sessions on the account that are not ours.
    pub(crate) foreign: usize,
    /// Why Browser Run's list could not be read in full.
    pub(crate) list_error: Option<String>,
}

/// A session that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Closed {
    pub(crate) session_id: String,
    pub(crate) why: Why,
}

/// A session that could not be closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failed {
    pub(crate) session_id: String,
    pub(crate) error: String,
}

/// Plans a clean-up. `ours` are the sessions of the ledger that have not ended, as they were before `listing` was read.
pub(crate) fn plan(now_ms: u64, policy: &Policy, ours: &[SessionRecord], listing: &Listing) -> Plan {
    let mut listed: HashMap<&str, &Session> =
        listing.sessions.iter().map(|session| (session.session_id.as_str(), session)).collect();
    let mut oldest_first: Vec<_> = ours.iter().filter(|record| record.state != State::Ended).collect();
    oldest_first.sort_by_key(|record| record.opened_at_ms);
    let mut plan = Plan::default();
    for record in oldest_first {
        let session = listed.remove(record.session_id.as_str());
        let session_id = record.session_id.clone();
        if let Some((reason, ended_at_ms)) = has_ended(now_ms, record, session, listing.complete) {
            plan.ended.push(Ended { session_id, reason, ended_at_ms });
        } else if let Some(why) = why_close(now_ms, policy, record, session) {
            plan.close.push(Close { session_id, why, clicked_at_ms: record.clicked_at_ms });
        } else {
            plan.kept.push(session_id);
        }
    }
    plan.foreign = listed.values().filter(|session| session.end_time.is_none()).count();
    plan
}

fn has_ended(
    now_ms: u64,
    record: &SessionRecord,
    session: Option<&Session>,
    complete: bool,
) -> Option<(String, Option<u64>)> {
    match session {
        Some(Session { end_time: Some(end_time), close_reason_text, .. }) => {
            Some((close_reason_text.clone().unwrap_or_else(|| "ended".to_owned()), Some(*end_time)))
        }
        None if complete && record.opened_at_ms + LISTING_GRACE_MS <= now_ms => {
            Some(("no longer listed".to_owned(), None))
        }
        _ => None,
    }
}

fn why_close(now_ms: u64, policy: &Policy, record: &SessionRecord, session: Option<&Session>) -> Option<Why> {
    if record.close_retry_at_ms.is_some_and(|retry_at_ms| retry_at_ms > now_ms) {
        return None;
    }
    if record.state == State::Closing {
        return Some(Why::Marked);
    }
    if record.opened_at_ms + policy.max_session_ms <= now_ms {
        return Some(Why::TooOld);
    }
    let unused = session.filter(|session| !session.is_connected()).is_some_and(|session| {
        let used_at_ms = record.clicked_at_ms.max(session.connection_end_time.unwrap_or(0));
        used_at_ms + policy.idle_ms <= now_ms
    });
    unused.then_some(Why::Unused)
}
