//! The Durable Object that keeps the ledger: an [`Object`] on the platform.

use super::object::{Object, Platform};
use super::store::Database;
use crate::config::Config;
use crate::domain::Policy;
use crate::js::{self, Timer};
use wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::JsValue;
use worker::{Env, console_error};

/// The only one of its class, named `ledger`.
#[expect(unnameable_types, reason = "src/entry.js finds it by its export")]
#[wasm_bindgen(wasm_bindgen = ::worker::wasm_bindgen)]
pub struct SessionLedger(Object<Cloudflare>);

/// The object's own SQLite and environment.
struct Cloudflare {
    database: SqlDatabase,
    env: Env,
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
    pub fn new(database: SqlDatabase, env: Env) -> Self {
        Self(Object::new(Cloudflare { database, env }))
    }

    /// Answers one command; nothing, where it has to wait.
    ///
    /// # Errors
    /// What is wrong, for the log.
    pub fn answer(&self, name: &str, input: &str) -> Result<Option<String>, JsValue> {
        Ok(self.0.answer(name, input)?)
    }

    /// Answers one command that has to wait.
    ///
    /// # Errors
    /// As [`Self::answer`].
    #[wasm_bindgen(js_name = answerLater)]
    pub async fn answer_later(&self, name: String, input: String) -> Result<String, JsValue> {
        Ok(self.0.answer_later(&name, &input).await?)
    }
}

impl Platform for Cloudflare {
    fn now_ms(&self) -> u64 {
        js::now_ms()
    }

    fn policy(&self) -> Policy {
        Config::policy(&self.env)
    }

    fn database(&self) -> Box<dyn Database> {
        Box::new(self.database.clone())
    }

    async fn wait(&self, milliseconds: u64) {
        Timer::new(milliseconds).await;
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
