//! How the Worker asks the ledger.

use super::command::{Command, json};
use super::unanswered::Refusal;
use crate::js::Timer;
use futures_util::future::{Either, select};
use wasm_bindgen::prelude::wasm_bindgen;
use worker::js_sys::Promise;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::JsFuture;

/// Why the ledger did not answer as it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum LedgerError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What it said instead can hold what is stored of anybody: it is for the log alone.
    #[error("the session ledger did not answer")]
    Failed(String),
}

impl LedgerError {
    /// What the log says of it.
    pub(crate) fn log_detail(&self) -> String {
        match self {
            Self::Failed(detail) => format!("{self}: {detail}"),
            Self::Refused(_) => self.to_string(),
        }
    }
}

/// Carries commands to the ledger: to the Durable Object, or to a test's own.
pub(crate) trait LedgerTransport {
    /// Sends one command's name and JSON, and answers with its answer's JSON.
    ///
    /// # Errors
    /// When none comes within `deadline_ms`.
    async fn send(&self, name: &'static str, input: String, deadline_ms: u32) -> Result<String, LedgerError>;
}

/// The ledger's one door.
pub(crate) struct LedgerClient<T>(pub(crate) T);

impl<T: LedgerTransport> LedgerClient<T> {
    /// Asks one command.
    ///
    /// # Errors
    /// When the ledger refuses it, does not answer, or not with what is an answer to it.
    pub(crate) async fn ask<C: Command>(&self, command: &C) -> Result<C::Answer, LedgerError> {
        let answer = self.0.send(C::NAME, json(command), C::DEADLINE_MS).await?;
        let answer: Result<C::Answer, Refusal> = from_json::read(&answer)
            .map_err(|error| LedgerError::Failed(format!("{}: {error} in {} bytes", C::NAME, answer.len())))?;
        Ok(answer?)
    }
}

#[wasm_bindgen]
extern "C" {
    /// The stub of the `SessionLedger` of src/entry.js. A call of its method costs less than a `fetch`, which has a request
    /// and a response.
    pub(crate) type LedgerStub;
    #[wasm_bindgen(method, catch)]
    fn ask(this: &LedgerStub, name: &str, input: &str) -> Result<Promise, JsValue>;
}

impl LedgerTransport for LedgerStub {
    async fn send(&self, name: &'static str, input: String, deadline_ms: u32) -> Result<String, LedgerError> {
        let failed = |error: JsValue| LedgerError::Failed(format!("{name}: {error:?}"));
        let answer = JsFuture::from(self.ask(name, &input).map_err(failed)?);
        match select(answer, Timer::new(deadline_ms.into())).await {
            Either::Left((Ok(answer), _)) => {
                answer.as_string().ok_or_else(|| LedgerError::Failed(format!("{name}: no text")))
            }
            Either::Left((Err(error), _)) => Err(failed(error)),
            Either::Right(_) => Err(LedgerError::Failed(format!("{name}: no answer within {deadline_ms} ms"))),
        }
    }
}
