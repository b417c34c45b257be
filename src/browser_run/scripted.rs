//! A transport that answers from a script, for native tests.

use super::{Answer, Call, SendError, Transport};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;

/// The answers still to come to one step.
type Answers = VecDeque<Result<Answer, SendError>>;

/// Answers each step from its own queue, and keeps what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Scripted {
    answers: RefCell<Vec<(&'static str, Answers)>>,
    calls: RefCell<Vec<Call>>,
    now_ms: Cell<u64>,
    pause_at: Cell<Option<&'static str>>,
}

impl Scripted {
    /// The same with one more answer to a step.
    pub(crate) fn answer(self, step: &'static str, status: u16, body: &str) -> Self {
        self.result(step, Ok(Answer { status, retry_after: None, body: body.to_owned() }))
    }

    /// The same with one more result of a step.
    pub(crate) fn result(self, step: &'static str, result: Result<Answer, SendError>) -> Self {
        let mut answers = self.answers.take();
        match answers.iter_mut().find(|(name, _)| *name == step) {
            Some((_, queue)) => queue.push_back(result),
            None => answers.push((step, VecDeque::from([result]))),
        }
        Self { answers: RefCell::new(answers), ..self }
    }

    /// The same with its clock set.
    pub(crate) fn at(self, now_ms: u64) -> Self {
        Self { now_ms: Cell::new(now_ms), ..self }
    }

    /// The same, waiting once at a step, so that a test can do something meanwhile.
    pub(crate) fn pause_at(self, step: &'static str) -> Self {
        Self { pause_at: Cell::new(Some(step)), ..self }
    }

    /// `METHOD path` of every call so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.borrow().iter().map(|call| format!("{} {}", call.method, call.path)).collect()
    }
}

impl Transport for Scripted {
    async fn send(&self, call: &Call) -> Result<Answer, SendError> {
        self.calls.borrow_mut().push(call.clone());
        self.now_ms.set(self.now_ms.get() + 5);
        if self.pause_at.get() == Some(call.step) {
            self.pause_at.take();
            let mut polled = false;
            poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }).await;
        }
        let mut answers = self.answers.borrow_mut();
        let queue = answers.iter_mut().find(|(step, _)| *step == call.step);
        queue.and_then(|(_, queue)| queue.pop_front()).unwrap_or_else(|| panic!("no answer for {call:?}"))
    }

    fn now_ms(&self) -> u64 {
        self.now_ms.get()
    }
}
