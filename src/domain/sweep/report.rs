//! What one clean-up did, for its log, its operators, and, without others' sessions, for everybody.

use super::{Close, Why};
use crate::domain::session::SessionId;
use crate::domain::upstream_call::UpstreamCall;
use lean_json::{FromJson, ToJson};

/// What one clean-up did. The last one is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// Open sessions on the account that are not ours, as far as its list was read.
    pub(crate) foreign: usize,
    /// Why Browser Run's list, or a session that was not on it, could not be read.
    pub(crate) list_error: Option<String>,
    /// How many of others' are not shown: to who is no operator, their own are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) others: Option<Others>,
    /// What was called, on its way to the ledger's counters. It is neither stored nor shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(skip))]
    pub(crate) calls: Vec<UpstreamCall>,
}

/// A session that was closed.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Closed {
    pub(crate) session_id: SessionId,
    /// Whose it was. Reports of before do not say.
    #[serde(default)]
    pub(crate) caller: String,
    pub(crate) why: Why,
}

/// A session that could not be closed.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Failed {
    pub(crate) session_id: SessionId,
    /// Whose it is. Reports of before do not say.
    #[serde(default)]
    pub(crate) caller: String,
    pub(crate) error: String,
}

/// Sessions of others', counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Others {
    pub(crate) closed: usize,
    pub(crate) failed: usize,
}

impl SweepReport {
    /// The same as somebody sees it who is no operator: with their own sessions, and counts of the others'.
    pub(crate) fn for_caller(self, name: &str) -> Self {
        let (closed, closed_of_others): (Vec<_>, Vec<_>) = self.closed.into_iter().partition(|one| one.caller == name);
        let (failed, failed_of_others): (Vec<_>, Vec<_>) = self.failed.into_iter().partition(|one| one.caller == name);
        Self {
            closed,
            failed,
            others: Some(Others { closed: closed_of_others.len(), failed: failed_of_others.len() }),
            // Browser Run's words may be about anybody's.
            list_error: self.list_error.map(|_| "not everything could be read".to_owned()),
            ..self
        }
    }
}

impl From<Close> for Closed {
    fn from(Close { session_id, caller, why, .. }: Close) -> Self {
        Self { session_id, caller, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(session_id: &str, caller: &str) -> Closed {
        Closed { session_id: session_id.into(), caller: caller.to_owned(), why: Why::Unused }
    }

    #[test]
    fn a_caller_sees_their_own_sessions_and_how_many_others_there_are() {
        let failed = |id: &str, caller: &str| Failed {
            session_id: id.into(),
            caller: caller.to_owned(),
            error: format!("{id} stays"),
        };
        let report = SweepReport {
            closed: vec![closed("a1", "ada"), closed("b1", "bob"), closed("b2", "bob"), closed("old", "")],
            failed: vec![failed("a2", "ada"), failed("b3", "bob")],
            kept: 7,
            list_error: Some("sessions: Browser Run answered 500: b4".to_owned()),
            ..SweepReport::default()
        };
        let seen = report.for_caller("ada");
        assert_eq!(
            (seen.closed.as_slice(), seen.failed.as_slice()),
            (&[closed("a1", "ada")][..], &[failed("a2", "ada")][..])
        );
        assert_eq!((seen.others, seen.kept), (Some(Others { closed: 3, failed: 1 }), 7));
        let text = lean_json::write(&seen);
        for others in ["b1", "b2", "b3", "b4", "old", "bob"] {
            assert!(!text.contains(&format!("\"{others}")) && !text.contains(&format!("{others} ")), "{text}");
        }
    }

    #[test]
    fn a_report_of_before_is_still_read() {
        let stored = r#"{"started_at_ms":1,"dry_run":false,"closed":[{"session_id":"s","why":"too_old"}],"ended":0,"kept":0,
            "failed":[{"session_id":"t","error":"no"}],"postponed":0,"foreign":2,"list_error":null}"#;
        let report: SweepReport = lean_json::read(stored).unwrap();
        assert_eq!((report.closed[0].caller.as_str(), report.others), ("", None));
    }
}
