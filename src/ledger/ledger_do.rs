//! The Durable Object that keeps the ledger: opens it, has commands carried out, and lets those wait that have to.

use super::command::{AnyCommand, read};
use super::rules::Ledger;
use super::store::{Database, Store};
use super::unanswered::Unanswered;
use crate::config::Config;
use crate::js::{self, Timer};
use futures_channel::oneshot;
use futures_util::future::select;
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::js_sys::Promise;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::future_to_promise;
use worker::{Env, console_error};

/// The only one of its class, named `ledger`.
#[expect(unnameable_types, reason = "src/entry.js finds it by its export")]
#[wasm_bindgen(wasm_bindgen = ::worker::wasm_bindgen)]
pub struct SessionLedger {
    database: SqlDatabase,
    env: Env,
    /// Opened with the first command.
    ledger: RefCell<Option<Ledger>>,
    /// Commands that wait for a change: dropped, each goes on.
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

#[wasm_bindgen(wasm_bindgen = ::worker::wasm_bindgen)]
impl SessionLedger {
    /// The object, as the platform makes it.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new(database: SqlDatabase, env: Env) -> Self {
        Self { database, env, ledger: RefCell::default(), waiting: RefCell::default() }
    }

    /// Answers one command with its answer's JSON; where it has to wait, with a promise to ask again behind.
    ///
    /// # Errors
    /// What is wrong, for the log.
    pub fn answer(&self, name: &str, input: &str) -> Result<JsValue, JsValue> {
        match self.carry_out(read(name, input)?.as_ref()) {
            Ok(answer) => Ok(answer.into()),
            Err(Unanswered::WaitUntil(until_ms)) => Ok(self.wait(until_ms).into()),
            Err(unanswered) => Err(format!("{name}: {unanswered:?}").into()),
        }
    }
}

impl SessionLedger {
    /// Has a command carried out, without an `await` between: no other command sees what is half done.
    fn carry_out(&self, command: &dyn AnyCommand) -> Result<String, Unanswered> {
        let (mut open, now_ms) = (self.ledger.borrow_mut(), js::now_ms());
        if open.is_none() {
            let store = Store::open(Box::new(self.database.clone()))?;
            *open = Some(Ledger::open(Config::policy(&self.env), store, now_ms)?);
        }
        let answer = command.answer(open.as_mut().expect("it has just been opened"), now_ms);
        match &answer {
            Err(Unanswered::WaitUntil(_)) => {}
            // What it had changed in memory is not what is stored.
            Err(Unanswered::Failed(_)) => *open = None,
            _ => self.waiting.borrow_mut().clear(),
        }
        answer
    }

    /// Waits until another command was carried out, or until a time.
    fn wait(&self, until_ms: u64) -> Promise {
        let (sender, changed) = oneshot::channel();
        self.waiting.borrow_mut().push(sender);
        let timer = Timer::new(until_ms.saturating_sub(js::now_ms()).max(1));
        future_to_promise(async move {
            select(changed, timer).await;
            Ok(JsValue::UNDEFINED)
        })
    }
}

/// The object's own SQLite, as src/entry.js hands it in.
#[wasm_bindgen(wasm_bindgen = ::worker::wasm_bindgen)]
extern "C" {
    #[derive(Clone)]
    pub type SqlDatabase;
    /// Values and rows are JSON: one call over, however many they are.
    #[wasm_bindgen(method, catch)]
    fn execute(this: &SqlDatabase, statement: &str, values: &str) -> Result<String, JsValue>;
}

impl Database for SqlDatabase {
    fn execute(&self, statement: &str, values: &str) -> Result<String, String> {
        Self::execute(self, statement, values).map_err(|error| format!("{error:?}"))
    }

    fn warn(&self, what: &str) {
        console_error!("{}", serde_json::json!({ "ledger": what }));
    }
}
