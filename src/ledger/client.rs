//! How the Worker asks the ledger.

use super::command::Command;
use super::unanswered::Refusal;
use crate::js::{self, Outcome};
use wasm_bindgen::prelude::wasm_bindgen;

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
        let answer = self.0.send(C::NAME, lean_json::write(command), C::DEADLINE_MS).await?;
        let answer: Result<C::Answer, Refusal> = lean_json::read(&answer)
            .map_err(|error| LedgerError::Failed(format!("{}: {error} in {} bytes", C::NAME, answer.len())))?;
        Ok(answer?)
    }
}

#[wasm_bindgen]
extern "C" {
    /// The stub of the `SessionLedger` of src/entry.js.
    pub(crate) type LedgerStub;
}

impl LedgerTransport for LedgerStub {
    async fn send(&self, name: &'static str, input: String, deadline_ms: u32) -> Result<String, LedgerError> {
        match js::ask(self, name, &input, deadline_ms).await {
            Outcome { status: 0, text, .. } => Err(LedgerError::Failed(format!("{name}: {text}"))),
            Outcome { text, .. } => Ok(text),
        }
    }
}
