//! What can be asked of the ledger. The Worker sends a [`Command`] as JSON and gets its answer as JSON.

use super::{Ledger, LinkRecord, Refusal, SessionRecord, State};
use crate::caller::Caller;
use crate::click::Click;
use crate::sweep::SweepReport;
use serde::{Deserialize, Serialize};

/// One question or statement. Behind each stands the type of its answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Command {
    /// [`Claim`]. Answered when there is something to do: never with [`Claim::Wait`].
    Claim { caller: Caller, click: Click, link: Option<String> },
    /// `Option<String>`: the session to use instead.
    FallBack { claim: u64 },
    /// `Result<(), Refusal>`: a refusal says that the session is to be closed at once.
    SessionOpened { claim: u64, session_id: String, caller: Caller, click: Click, link: Option<String> },
    /// `Result<Vec<String>, Refusal>`: the tabs to close now, or that the session is to be.
    TabOpened { claim: u64, session_id: String, target_id: String, click: Click },
    /// `()`
    Abandon {
        claim: u64,
        #[serde(default)]
        gone: bool,
    },
    /// `()`
    Touch { session_id: String, target_id: Option<String> },
    /// `()`
    Ended { session_id: String, reason: String, lived_ms: Option<u64> },
    /// `()`
    Asked { session_ids: Vec<String> },
    /// `()`
    TabGone { session_id: String, target_id: String },
    /// `bool`: whether it may be closed now.
    BeginClosing { session_id: String, unless_clicked_after_ms: Option<u64>, reason: String },
    /// `()`
    CloseFailed { session_id: String },
    /// `Vec<SessionRecord>`: all that have not ended.
    Sessions,
    /// `Option<SessionRecord>`, ended or not.
    Find { session_id: String },
    /// [`Page`] of a caller's, newest first.
    List { caller: String, state: Option<State>, limit: u64, offset: u64 },
    /// `()`
    LinkMade { link: LinkRecord },
    /// `Option<Vec<String>>`: the sessions that it opened and that have not ended, if there is such a link of this
    /// caller's.
    RevokeLink { id: String, caller: String },
    /// `Vec<LinkRecord>` of a caller's, newest first.
    Links { caller: String },
    /// `()`
    SaveReport { report: SweepReport },
    /// `Option<SweepReport>`
    LastReport,
}

/// What a click is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Claim {
    /// Make a link to this tab.
    Join { session_id: String, target_id: String },
    /// Open a tab in this session, and say what came of it.
    Reuse { claim: u64, session_id: String },
    /// Acquire a session, and say what came of it.
    Acquire { claim: u64 },
    /// Open nothing.
    Refused(Refusal),
    /// Ask again when something has changed, or at this time.
    Wait { until_ms: u64 },
}

/// A part of the list of sessions.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) sessions: Vec<SessionRecord>,
    /// How many there are in all.
    pub(crate) total: u64,
}

impl Ledger {
    /// Carries out a command and answers its JSON. `None`: the command is about what is stored, not a rule's.
    pub(crate) fn apply(&mut self, command: &Command, now_ms: u64) -> Option<String> {
        let answer = match command {
            Command::Claim { caller, click, link } => json(&self.claim(caller, click, link.as_deref(), now_ms)),
            Command::FallBack { claim } => json(&self.fall_back(*claim, now_ms)),
            Command::SessionOpened { claim, session_id, caller, click, link } => {
                json(&self.session_opened(*claim, session_id.clone(), caller, click, link.as_deref(), now_ms))
            }
            Command::TabOpened { claim, session_id, target_id, click } => {
                json(&self.tab_opened(*claim, session_id, target_id.clone(), click, now_ms))
            }
            Command::Abandon { claim, gone } => json(&self.abandon(*claim, *gone)),
            Command::Touch { session_id, target_id } => json(&self.touch(session_id, target_id.as_deref(), now_ms)),
            Command::Ended { session_id, reason, lived_ms } => {
                json(&self.ended_after(session_id, reason, *lived_ms, now_ms))
            }
            Command::Asked { session_ids } => json(&self.asked(session_ids, now_ms)),
            Command::TabGone { session_id, target_id } => json(&self.tab_gone(session_id, target_id)),
            Command::BeginClosing { session_id, unless_clicked_after_ms, reason } => {
                json(&self.begin_closing(session_id, unless_clicked_after_ms.unwrap_or(u64::MAX), reason))
            }
            Command::CloseFailed { session_id } => json(&self.close_failed(session_id, now_ms)),
            Command::Sessions => json(&self.sessions()),
            Command::Find { session_id } => json(&Some(self.get(session_id)?)),
            Command::LinkMade { link } => json(&self.link_made(link.clone())),
            Command::RevokeLink { id, caller } => json(&self.revoke_link(id, caller, now_ms)),
            Command::List { .. } | Command::Links { .. } | Command::SaveReport { .. } | Command::LastReport => {
                return None;
            }
        };
        Some(answer)
    }
}

/// An answer on its way.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the ledger's answers are plain JSON")
}
