//! The Durable Object that keeps the ledger: opens it, has commands carried out, and lets those wait that have to.

use super::command::{AnyCommand, Unanswered, read};
use super::rules::Ledger;
use super::store::{Database, Row, Store, Value};
use crate::config::Config;
use crate::js::{self, Timer};
use futures_channel::oneshot;
use futures_util::future::select;
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::JsValue;
use worker::worker_sys::DurableObjectState;
use worker::{Env, SqlStorage, SqlStorageValue, console_error};

/// The only one of its class, named `ledger`.
#[expect(unnameable_types, reason = "src/entry.js finds it by its export")]
#[wasm_bindgen(wasm_bindgen = ::worker::wasm_bindgen)]
pub struct SessionLedger {
    sql: SqlStorage,
    env: Env,
    /// Opened with the first command.
    ledger: RefCell<Option<Ledger>>,
    /// Commands that wait for a change: dropped, each goes on.
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

#[wasm_bindgen(
    wasm_bindgen = ::worker::wasm_bindgen,
    wasm_bindgen_futures = ::worker::wasm_bindgen_futures,
    js_sys = ::worker::js_sys
)]
impl SessionLedger {
    /// The object, as the platform makes it.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        let sql = worker::State::from(state).storage().sql();
        Self { sql, env, ledger: RefCell::default(), waiting: RefCell::default() }
    }

    /// Answers one command.
    ///
    /// # Errors
    /// What is wrong, for the log.
    pub async fn ask(&self, name: String, input: String) -> Result<String, JsValue> {
        let command = read(&name, &input)?;
        loop {
            match self.answer(command.as_ref()) {
                Ok(answer) => return Ok(answer),
                Err(Unanswered::WaitUntil(until_ms)) => self.changed(until_ms).await,
                Err(Unanswered::Failed(error)) => return Err(format!("{name}: {error}").into()),
            }
        }
    }
}

impl SessionLedger {
    /// Has a command carried out, without an `await` between: no other command sees what is half done.
    fn answer(&self, command: &dyn AnyCommand) -> Result<String, Unanswered> {
        let (mut open, now_ms) = (self.ledger.borrow_mut(), js::now_ms());
        if open.is_none() {
            let store = Store::open(Box::new(SqlDatabase(self.sql.clone())))?;
            *open = Some(Ledger::open(Config::policy(&self.env), store, now_ms)?);
        }
        let answer = command.answer(open.as_mut().expect("it has just been opened"), now_ms);
        match &answer {
            Ok(_) => self.waiting.borrow_mut().clear(),
            Err(Unanswered::WaitUntil(_)) => {}
            // What it had changed in memory is not what is stored.
            Err(Unanswered::Failed(_)) => *open = None,
        }
        answer
    }

    /// Waits until another command was carried out, or until a time.
    async fn changed(&self, until_ms: u64) {
        let (sender, changed) = oneshot::channel();
        self.waiting.borrow_mut().push(sender);
        select(changed, Timer::new(until_ms.saturating_sub(js::now_ms()).max(1))).await;
    }
}

/// The object's own SQLite.
struct SqlDatabase(SqlStorage);

impl Database for SqlDatabase {
    fn execute(&self, statement: &str, values: &[Value]) -> Result<Vec<Row>, String> {
        let values: Vec<_> = values.iter().cloned().map(SqlStorageValue::from).collect();
        let rows = self.0.exec(statement, values).map_err(|error| error.to_string())?.raw();
        rows.map(|row| row.map_err(|error| error.to_string())?.into_iter().map(Value::try_from).collect()).collect()
    }

    fn warn(&self, what: &str) {
        console_error!("{}", serde_json::json!({ "ledger": what }));
    }
}

impl From<Value> for SqlStorageValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(number) => Self::Integer(number),
            Value::Text(text) => Self::String(text),
        }
    }
}

impl TryFrom<SqlStorageValue> for Value {
    type Error = String;

    fn try_from(value: SqlStorageValue) -> Result<Self, String> {
        match value {
            SqlStorageValue::Null => Ok(Self::Null),
            SqlStorageValue::Integer(number) => Ok(Self::Integer(number)),
            SqlStorageValue::String(text) => Ok(Self::Text(text)),
            other => Err(format!("a column holds {other:?}")),
        }
    }
}
