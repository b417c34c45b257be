//! What a session's clients have asked people to do, pure: one handoff a target, one completion a handoff.

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Millis;

/// Why a handoff has failed that nobody has completed.
const TIMEOUT: &str = "timeout";

/// What a person is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Handoff {
    pub(crate) target_id: String,
    pub(crate) handoff_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instructions: Option<String>,
    /// In milliseconds; without one there is no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timeout: Option<Millis>,
    #[serde(skip)]
    pub(crate) started_at_ms: Millis,
}

impl Handoff {
    /// When it fails, if nobody completes it before.
    pub(crate) fn deadline_ms(&self) -> Option<Millis> {
        self.timeout.map(|timeout| self.started_at_ms.saturating_add(timeout))
    }

    fn complete(self, Outcome { success, reason }: Outcome) -> Completion {
        let Self { target_id, handoff_id, instructions, .. } = self;
        Completion { target_id, handoff_id: Some(handoff_id), instructions, success, reason }
    }
}

/// How a handoff has ended, in the words of whoever completes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) success: bool,
    pub(crate) reason: Option<String>,
}

impl Outcome {
    /// In the server's words: nobody has completed it.
    pub(crate) fn failed(reason: &str) -> Self {
        Self { success: false, reason: Some(reason.to_owned()) }
    }
}

/// A handoff that has ended. Without an id there was none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Completion {
    pub(crate) target_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handoff_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instructions: Option<String>,
    pub(crate) success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// Whether a person is asked to do something with a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HandoffState {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    handoff_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<Millis>,
}

/// A target that somebody is asked about already, by the handoff of this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A handoff is active for this target already: {0}")]
pub(crate) struct AlreadyActive(Uuid);

/// The handoffs of a session that nobody has completed yet, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HandoffList {
    active: Vec<Handoff>,
}

impl HandoffList {
    pub(crate) fn active(&self) -> &[Handoff] {
        &self.active
    }

    /// Starts one.
    ///
    /// # Errors
    /// When there is one for its target.
    pub(crate) fn start(&mut self, handoff: Handoff) -> Result<(), AlreadyActive> {
        match self.of(&handoff.target_id) {
            Some(active) => Err(AlreadyActive(active.handoff_id)),
            None => {
                self.active.push(handoff);
                Ok(())
            }
        }
    }

    /// Completes a target's, if there is one.
    pub(crate) fn complete(&mut self, target: &str, outcome: Outcome) -> Option<Completion> {
        let index = self.active.iter().position(|handoff| handoff.target_id == target)?;
        Some(self.active.remove(index).complete(outcome))
    }

    /// Those whose time is over.
    pub(crate) fn expire(&mut self, now_ms: Millis) -> Vec<Completion> {
        let is_over = |handoff: &mut Handoff| handoff.deadline_ms().is_some_and(|deadline_ms| now_ms >= deadline_ms);
        self.active.extract_if(.., is_over).map(|handoff| handoff.complete(Outcome::failed(TIMEOUT))).collect()
    }

    /// All of them: the session has ended.
    pub(crate) fn end(&mut self, reason: &str) -> Vec<Completion> {
        self.active.drain(..).map(|handoff| handoff.complete(Outcome::failed(reason))).collect()
    }

    pub(crate) fn state(&self, target: &str, now_ms: Millis) -> HandoffState {
        let handoff = self.of(target);
        HandoffState {
            active: handoff.is_some(),
            handoff_id: handoff.map(|handoff| handoff.handoff_id),
            instructions: handoff.and_then(|handoff| handoff.instructions.clone()),
            timeout: handoff.and_then(|handoff| handoff.timeout),
            duration_ms: handoff.map(|handoff| now_ms.saturating_sub(handoff.started_at_ms)),
        }
    }

    fn of(&self, target: &str) -> Option<&Handoff> {
        self.active.iter().find(|handoff| handoff.target_id == target)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn handoff(target: &str, timeout: Option<Millis>) -> Handoff {
        let instructions = Some("Log in".to_owned());
        Handoff { target_id: target.to_owned(), handoff_id: Uuid::nil(), instructions, timeout, started_at_ms: 1_000 }
    }

    fn done() -> Outcome {
        Outcome { success: true, reason: None }
    }

    #[test]
    fn a_handoff_is_completed_once() {
        let mut handoffs = HandoffList::default();
        handoffs.start(handoff("a", None)).unwrap();
        assert_eq!(handoffs.start(handoff("a", None)), Err(AlreadyActive(Uuid::nil())));
        handoffs.start(handoff("b", None)).unwrap();
        let completion = serde_json::to_value(handoffs.complete("a", done())).unwrap();
        let id = Uuid::nil();
        assert_eq!(completion, json!({"targetId": "a", "handoffId": id, "instructions": "Log in", "success": true}));
        assert_eq!(handoffs.complete("a", done()), None);
        assert_eq!(handoffs.active(), [handoff("b", None)]);
        handoffs.start(handoff("a", None)).unwrap();
    }

    #[test]
    fn a_handoff_fails_when_its_time_is_over() {
        let mut handoffs = HandoffList::default();
        handoffs.start(handoff("a", Some(500))).unwrap();
        handoffs.start(handoff("b", None)).unwrap();
        assert_eq!(handoffs.expire(1_499), []);
        let completion = &handoffs.expire(1_500)[0];
        assert_eq!((completion.success, completion.reason.as_deref()), (false, Some("timeout")));
        assert_eq!((handoffs.expire(Millis::MAX), handoffs.active().len()), (Vec::new(), 1));
    }

    #[test]
    fn a_sessions_end_fails_all_of_them() {
        let mut handoffs = HandoffList::default();
        handoffs.start(handoff("a", None)).unwrap();
        handoffs.start(handoff("b", Some(1))).unwrap();
        let ended = handoffs.end("BrowserIdle");
        assert!(ended.len() == 2 && ended.iter().all(|completion| !completion.success), "{ended:?}");
        assert_eq!(ended[0].reason.as_deref(), Some("BrowserIdle"));
        assert!(handoffs.active().is_empty());
    }

    #[test]
    fn a_targets_state_is_told_as_documented() {
        let mut handoffs = HandoffList::default();
        let state = |handoffs: &HandoffList| serde_json::to_value(handoffs.state("a", 1_200)).unwrap();
        assert_eq!(state(&handoffs), json!({"active": false}));
        handoffs.start(handoff("a", Some(500))).unwrap();
        let active = json!({"active": true, "handoffId": Uuid::nil(), "instructions": "Log in", "timeout": 500,
            "durationMs": 200});
        assert_eq!(state(&handoffs), active);
    }
}
