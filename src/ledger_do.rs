//! The Durable Object that keeps the ledger: loads, asks the rules, saves, answers.

use crate::config::Config;
use crate::js::{self, Timer};
use crate::ledger::command::json;
use crate::ledger::{Claim, Command, Ledger, LinkRecord, Page, SessionRecord, State as SessionState};
use crate::ledger::{history_begins_ms, usage_begins_ms};
use crate::sweep::SweepReport;
use futures_channel::oneshot;
use futures_util::future::select;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use worker::{
    DurableObject, Env, Error, Request, Response, Result, SqlStorage, SqlStorageValue, State, durable_object,
};

/// One row a session. What is searched for stands in columns; the record itself is JSON with a version.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, caller TEXT NOT NULL, state TEXT NOT NULL, opened_at_ms INTEGER NOT NULL,
        ended_at_ms INTEGER, record TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS session_opened ON session (opened_at_ms);
    CREATE TABLE IF NOT EXISTS link (id TEXT PRIMARY KEY, caller TEXT NOT NULL, created_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL, record TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS report (id INTEGER PRIMARY KEY CHECK (id = 0), report TEXT NOT NULL);";

/// The only one of its class, named `ledger`.
#[expect(unnameable_types, reason = "the platform finds it by its export")]
#[durable_object(fetch)]
pub struct SessionLedger {
    sql: SqlStorage,
    env: Env,
    /// Loaded with the first command.
    ledger: RefCell<Option<Ledger>>,
    /// Claims that wait for a change: dropped, each goes on.
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

impl DurableObject for SessionLedger {
    fn new(state: State, env: Env) -> Self {
        Self { sql: state.storage().sql(), env, ledger: RefCell::default(), waiting: RefCell::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let command: Command = serde_json::from_str(&request.text().await?)?;
        Response::ok(self.answer(&command).await?)
    }
}

impl SessionLedger {
    async fn answer(&self, command: &Command) -> Result<String> {
        loop {
            let Some(answer) = self.apply(command)? else { return self.answer_from_storage(command) };
            let Ok(Claim::Wait { until_ms }) = serde_json::from_str(&answer) else { return Ok(answer) };
            self.changed(until_ms).await;
        }
    }

    /// Lets the rules decide and saves what they changed, before anybody is told.
    fn apply(&self, command: &Command) -> Result<Option<String>> {
        let mut ledger = self.ledger.borrow_mut();
        if ledger.is_none() {
            *ledger = Some(self.load()?);
        }
        let ledger = ledger.as_mut().ok_or("the ledger is loaded")?;
        let answer = ledger.apply(command, js::now_ms());
        for record in ledger.take_changed() {
            self.save(&record)?;
        }
        for link in ledger.take_changed_links() {
            self.save_link(&link)?;
        }
        if !matches!(command, Command::Claim { .. }) {
            self.waiting.borrow_mut().clear();
        }
        Ok(answer)
    }

    fn load(&self) -> Result<Ledger> {
        self.sql.exec(SCHEMA, None)?;
        let now_ms = js::now_ms();
        let today = vec![integer(usage_begins_ms(now_ms)), integer(now_ms)];
        let sessions = self.records("state != 'ended' OR ended_at_ms BETWEEN ? AND ?", today)?;
        let links = self.texts("SELECT record FROM link WHERE expires_at_ms > ?", vec![integer(now_ms)])?;
        Ok(Ledger::new(Config::policy(&self.env), sessions, links))
    }

    fn save(&self, record: &SessionRecord) -> Result<()> {
        let row = "INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?)";
        let columns = vec![
            record.session_id.as_str().into(),
            record.caller.as_str().into(),
            record.state.as_str().into(),
            integer(record.opened_at_ms),
            record.ended_at_ms.map(integer).into(),
            json(record).into(),
        ];
        self.sql.exec(row, columns).map(drop)
    }

    /// Each clean-up also forgets what ended too long ago.
    fn save_report(&self, report: &SweepReport) -> Result<()> {
        let history_begins_ms = history_begins_ms(js::now_ms(), Config::policy(&self.env).history_ms);
        let forget = "DELETE FROM session WHERE state = 'ended' AND ended_at_ms < ?";
        self.sql.exec(forget, vec![integer(history_begins_ms)])?;
        self.sql.exec("DELETE FROM link WHERE expires_at_ms < ?", vec![integer(history_begins_ms)])?;
        self.sql.exec("INSERT OR REPLACE INTO report VALUES (0, ?)", vec![json(report).into()]).map(drop)
    }

    fn save_link(&self, link: &LinkRecord) -> Result<()> {
        let columns = vec![
            link.id.as_str().into(),
            link.caller.as_str().into(),
            integer(link.created_at_ms),
            integer(link.expires_at_ms),
            json(link).into(),
        ];
        self.sql.exec("INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?, ?)", columns).map(drop)
    }

    fn answer_from_storage(&self, command: &Command) -> Result<String> {
        Ok(match command {
            Command::Find { session_id } => json(&self.records("id = ?", vec![session_id.as_str().into()])?.pop()),
            Command::List { caller, state, limit, offset } => json(&self.list(caller, *state, *limit, *offset)?),
            Command::Links { caller } => {
                let query = "SELECT record FROM link WHERE caller = ? ORDER BY created_at_ms DESC, id";
                json(&self.texts::<LinkRecord>(query, vec![caller.as_str().into()])?)
            }
            Command::SaveReport { report } => json(&self.save_report(report)?),
            Command::LastReport => {
                let report: Option<SweepReport> = self.texts("SELECT report FROM report", vec![])?.pop();
                json(&report)
            }
            _ => return Err("the rules answer every other command".into()),
        })
    }
}

impl SessionLedger {
    fn list(&self, caller: &str, state: Option<SessionState>, limit: u64, offset: u64) -> Result<Page> {
        // SQLite counts up to here; no list is that long.
        let offset = offset.min(i64::MAX.cast_unsigned());
        let (filter, bindings) = match state {
            Some(state) => ("caller = ? AND state = ?", vec![caller.into(), state.as_str().into()]),
            None => ("caller = ?", vec![caller.into()]),
        };
        let total =
            self.texts::<()>(&format!("SELECT 'null' FROM session WHERE {filter}"), bindings.clone())?.len() as u64;
        let page = format!("{filter} ORDER BY opened_at_ms DESC, id LIMIT {limit} OFFSET {offset}");
        Ok(Page { sessions: self.records(&page, bindings)?, total })
    }

    fn records(&self, filter: &str, bindings: Vec<SqlStorageValue>) -> Result<Vec<SessionRecord>> {
        self.texts(&format!("SELECT record FROM session WHERE {filter}"), bindings)
    }

    /// The rows of a query with one column of JSON.
    fn texts<T: DeserializeOwned>(&self, query: &str, bindings: Vec<SqlStorageValue>) -> Result<Vec<T>> {
        let rows = self.sql.exec(query, bindings)?.raw();
        rows.map(|row| match row?.into_iter().next() {
            Some(SqlStorageValue::String(text)) => Ok(serde_json::from_str(&text)?),
            other => Err(Error::RustError(format!("a column of JSON holds {other:?}"))),
        })
        .collect()
    }

    /// Waits until another command was carried out, or until a time.
    async fn changed(&self, until_ms: u64) {
        let (sender, changed) = oneshot::channel();
        self.waiting.borrow_mut().push(sender);
        select(changed, Timer::new(until_ms.saturating_sub(js::now_ms()).max(1))).await;
    }
}

fn integer(milliseconds: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(milliseconds.cast_signed())
}
