//! A session's handoffs as its connections share them: whoever completes one, everybody is told, and the clock completes
//! what nobody does.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::handoffs::{AlreadyActive, Completion, Handoff, HandoffList, HandoffState, Outcome};
use crate::{
    cdp::cloudflare::HandoffParams,
    clock::{Clock, Millis},
};

/// How many completions a connection may be behind.
const COMPLETIONS: usize = 64;

/// Why a handoff has failed whose page is gone.
const PAGE_CLOSED: &str = "the page was closed";

/// The handoffs of one session.
#[derive(Debug)]
pub(crate) struct OpenHandoffs {
    clock: Arc<Clock>,
    handoffs: Mutex<HandoffList>,
    active: watch::Sender<Vec<Handoff>>,
    completed: broadcast::Sender<Completion>,
    ended: CancellationToken,
}

impl OpenHandoffs {
    /// None yet, for a session that has ended when `ended` is cancelled.
    pub(super) fn new(clock: Arc<Clock>, ended: CancellationToken) -> Arc<Self> {
        let (active, completed) = (watch::Sender::default(), broadcast::Sender::new(COMPLETIONS));
        Arc::new(Self { clock, handoffs: Mutex::default(), active, completed, ended })
    }

    /// What people are asked now, and whatever changes about it.
    pub(crate) fn active(&self) -> watch::Receiver<Vec<Handoff>> {
        self.active.subscribe()
    }

    /// Completions from now on.
    pub(crate) fn completions(&self) -> broadcast::Receiver<Completion> {
        self.completed.subscribe()
    }

    /// Asks a person to do something with a target.
    ///
    /// # Errors
    /// When somebody is asked already.
    pub(crate) fn start(self: &Arc<Self>, target: String, params: HandoffParams) -> Result<Handoff, AlreadyActive> {
        let handoff = Handoff {
            target_id: target,
            handoff_id: Uuid::new_v4(),
            instructions: params.instructions,
            timeout: params.timeout,
            started_at_ms: self.clock.now(),
        };
        self.change(|handoffs| (handoffs.start(handoff.clone()), Vec::new()))?;
        if let Some(deadline_ms) = handoff.deadline_ms() {
            tokio::spawn(Arc::clone(self).expire_at(deadline_ms));
        }
        Ok(handoff)
    }

    /// Completes a target's handoff; none when there is none any more.
    pub(crate) fn complete(&self, target: &str, outcome: Outcome) -> Option<Completion> {
        self.change(|handoffs| {
            let completion = handoffs.complete(target, outcome);
            (completion.clone(), completion.into_iter().collect())
        })
    }

    /// A page is gone: nobody can do there what they are asked to.
    pub(crate) fn page_closed(&self, target: &str) {
        self.complete(target, Outcome::failed(PAGE_CLOSED));
    }

    /// Completes this very handoff, unless it is over.
    pub(crate) fn complete_one(&self, id: Uuid, outcome: Outcome) {
        self.change(|handoffs| {
            let target = handoffs.active().iter().find(|handoff| handoff.handoff_id == id);
            let target = target.map(|handoff| handoff.target_id.clone());
            ((), target.and_then(|target| handoffs.complete(&target, outcome)).into_iter().collect())
        });
    }

    pub(crate) fn state(&self, target: &str) -> HandoffState {
        let now_ms = self.clock.now();
        self.change(|handoffs| (handoffs.state(target, now_ms), Vec::new()))
    }

    /// The session ends, for this reason.
    pub(super) fn end(&self, reason: &str) {
        self.change(|handoffs| ((), handoffs.end(reason)));
    }

    async fn expire_at(self: Arc<Self>, deadline_ms: Millis) {
        self.ended.run_until_cancelled(self.clock.sleep_until(deadline_ms)).await;
        self.change(|_| ((), Vec::new()));
    }

    /// Those whose time is over come first; everybody is told what has changed.
    fn change<T>(&self, act: impl FnOnce(&mut HandoffList) -> (T, Vec<Completion>)) -> T {
        let mut handoffs = self.handoffs();
        let mut completions = handoffs.expire(self.clock.now());
        let (result, completed) = act(&mut handoffs);
        completions.extend(completed);
        self.active.send_if_modified(|active| {
            let is_new = active.as_slice() != handoffs.active();
            active.clone_from(&handoffs.active().to_vec());
            is_new
        });
        for completion in completions {
            // Nobody may be connected.
            let _ = self.completed.send(completion);
        }
        result
    }

    fn handoffs(&self) -> MutexGuard<'_, HandoffList> {
        self.handoffs.lock().expect("nobody panics while holding it")
    }
}
