//! The Durable Object that keeps the ledger: an [`Object`] on the platform.

use super::object::{Object, Platform, Said};
use super::store::Database;
use crate::config::Config;
use crate::domain::Policy;
use crate::js::{self, Env, Timer};
use crate::log;
use std::future::Future;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The only one of its class, named `ledger`.
#[expect(unnameable_types, reason = "src/entry.js finds it by its export")]
#[wasm_bindgen]
pub struct SessionLedger(Object<Cloudflare>);

/// The object's own SQLite and environment.
struct Cloudflare {
    database: SqlDatabase,
    env: Env,
}

#[wasm_bindgen]
impl SessionLedger {
    /// The object, as the platform makes it.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new(database: SqlDatabase, env: Env) -> Self {
        Self(Object::new(Cloudflare { database, env }))
    }

    /// Answers one command with its answer's JSON; where it has to wait, with a promise to ask again behind.
    ///
    /// # Errors
    /// What is wrong, for the log.
    pub fn answer(&self, name: &str, input: &str) -> Result<JsValue, JsValue> {
        js::run(|| {
            Ok(match self.0.answer(name, input)? {
                Said::Answer(answer) => answer.into(),
                Said::Wait(changed) => js::promised(async {
                    changed.await;
                    Ok(JsValue::UNDEFINED)
                }),
            })
        })
    }
}

impl Platform for Cloudflare {
    type Timer = Timer;

    fn now_ms(&self) -> u64 {
        js::now_ms()
    }

    fn policy(&self) -> Policy {
        Config::policy(&self.env)
    }

    fn database(&self) -> Box<dyn Database> {
        Box::new(self.database.clone())
    }

    fn timer(&self, milliseconds: u64) -> Timer {
        Timer::new(milliseconds)
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        js::spawn(task);
    }
}

/// The object's own SQLite, as src/entry.js hands it in.
#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub type SqlDatabase;
    /// Values and rows are JSON: one call over, however many they are.
    #[wasm_bindgen(method, catch)]
    fn execute(this: &SqlDatabase, statement: &str, values: &str) -> Result<String, JsValue>;
}

impl Database for SqlDatabase {
    fn execute(&self, statement: &str, values: &str) -> Result<String, String> {
        Self::execute(self, statement, values).map_err(|error| js::as_text(&error))
    }

    fn warn(&self, what: &str) {
        log::error("ledger", what);
    }
}
