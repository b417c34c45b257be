//! The way to Browser Run, on which anything can go wrong.

use super::day::Worker;
use super::mutant::Mutant;
use super::random::Random;
use super::script::BadCall;
use crate::browser_run::{Answer, Call, SendError, Transport};
use browser_run_api::parse;
use browser_run_api::read::Acquired;

/// What becomes of one call.
struct Fate {
    /// When it is carried out, if it is.
    done_after_ms: Option<u64>,
    answered_after_ms: u64,
}

impl Transport for Worker {
    async fn send(&self, call: &Call) -> Result<Answer, SendError> {
        if self.day.mutant == Some(Mutant::AbsenceIsAnEnd) && call.step == "session" {
            return Ok(Answer { status: 200, retry_after: None, body: "null".to_owned() });
        }
        let mut answer = self.send_once(call).await;
        let is_done = answer.as_ref().is_ok_and(|answer| answer.status < 300);
        if self.day.mutant == Some(Mutant::PostRetried) && call.step == "acquire" && !is_done {
            answer = self.send_once(call).await;
        }
        if self.day.mutant == Some(Mutant::FailedCloseForgotten) && call.step == "close" {
            answer = Ok(Answer { status: 200, retry_after: None, body: String::new() });
        }
        answer
    }

    fn now_ms(&self) -> u64 {
        self.day.wall_ms()
    }
}

impl Worker {
    async fn send_once(&self, call: &Call) -> Result<Answer, SendError> {
        let nth = self.calls.replace(self.calls.get() + 1);
        let bad = self.day.script.bad_call(self.deed, nth).filter(|_| !self.day.is_calm.get());
        let fate = self.fate(call, nth, bad);
        if call.step == "acquire" && self.day.witness(self.deed, |witness| witness.is_unsure) {
            self.day.violation(format!("deed {}: a browser is acquired again that may have been", self.deed));
        }
        let (tell, told) = futures_channel::oneshot::channel();
        if let Some(done_after_ms) = fate.done_after_ms {
            let (day, deed, call) = (self.day.clone(), self.deed, call.clone());
            self.day.sim.after(done_after_ms, move || {
                let answer = day.carry_out(deed, &call, bad);
                // Nobody may wait for it any more.
                drop(tell.send(answer));
            });
        }
        self.day.sim.sleep(fate.answered_after_ms).await;
        let answer = match bad {
            Some(BadCall::Refused | BadCall::Reset) => Err(SendError::Unreachable("connection lost".to_owned())),
            Some(BadCall::TimedOut { .. }) => Err(SendError::TimedOut),
            Some(BadCall::Status { status, words, hint }) => {
                self.day.lie_about(call, status);
                Ok(Answer { status, retry_after: hint.map(str::to_owned), body: words.to_owned() })
            }
            _ => Ok(told.await.expect("what is answered was done")),
        };
        self.note(call, &answer);
        answer
    }

    fn fate(&self, call: &Call, nth: usize, bad: Option<BadCall>) -> Fate {
        let mut random = Random::of(&[self.day.script.seed, 2, self.deed as u64, nth as u64]);
        let slowest_ms = if self.day.is_calm.get() { 20 } else { self.day.script.setting.slowest_ms };
        let answered_after_ms = random.between(2, slowest_ms);
        let done_after_ms = Some(random.below(answered_after_ms) + 1);
        let deadline_ms = u64::from(call.deadline_ms);
        match bad {
            Some(BadCall::Refused | BadCall::Status { .. }) => Fate { done_after_ms: None, answered_after_ms },
            Some(BadCall::TimedOut { done_after_ms }) => Fate { done_after_ms, answered_after_ms: deadline_ms },
            Some(BadCall::Slow) => Fate { done_after_ms, answered_after_ms: deadline_ms - 1 },
            _ => Fate { done_after_ms, answered_after_ms },
        }
    }

    /// What the run is checked by later.
    fn note(&self, call: &Call, answer: &Result<Answer, SendError>) {
        let (deed, now_ms) = (self.deed, self.day.sim.now_ms());
        self.day.trace(|| format!("deed {deed}: {} {} -> {answer:?}", call.method, call.path));
        let is_done = answer.as_ref().is_ok_and(|answer| (200..300).contains(&answer.status));
        self.day.witness(deed, |witness| {
            witness.last_call_ms = now_ms;
            witness.is_unsure |= call.step == "acquire" && !is_done;
        });
        if let (true, "acquire", Ok(answer)) = (is_done, call.step, answer) {
            match parse::<Acquired>(&answer.body) {
                Ok(acquired) => self.day.know(&acquired.session_id),
                Err(_) => self.day.witness(deed, |witness| witness.is_unsure = true),
            }
        }
        if call.step == "close" && !is_done {
            let id = call.path.rsplit('/').next().unwrap_or_default();
            self.day.close_failed(id);
        }
    }
}
