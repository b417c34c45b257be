//! The ledger in SQLite. What is searched for stands in columns; the record itself is JSON with a version.
//!
//! A row that cannot be read, or is of a version that this Worker does not know, is told and set aside; if its session had
//! not ended, the columns are enough to close it.

mod migrations;
#[cfg(test)]
pub(super) mod test_database;

use super::links::LinkRecord;
use crate::domain::session::{SessionId, SessionRecord, SignedLinkId, State};
use crate::domain::sweep::SweepReport;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What the ledger is kept in: SQLite, and a log.
pub(crate) trait Database {
    /// Runs one statement, and answers its rows.
    ///
    /// # Errors
    /// SQLite's own words.
    fn execute(&self, statement: &str, values: &[Value]) -> Result<Vec<Row>, String>;

    /// Tells the operator that something is wrong which nothing has to wait for.
    fn warn(&self, what: &str);
}

/// One row's columns.
pub(crate) type Row = Vec<Value>;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
}

/// SQLite did not do what it was asked for. What it says can hold what is stored of anybody: it is for the log alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct StoreError(String);

/// The ledger's rows.
pub(crate) struct Store {
    database: Box<dyn Database>,
}

/// A part of a list of sessions, and how many there are in all.
pub(super) struct Part {
    pub(super) sessions: Vec<SessionRecord>,
    pub(super) total: u64,
}

/// The columns of a session's row that [`Store::read_session`] needs.
const SESSION: &str = "SELECT record, id, caller, state, opened_at_ms FROM session";

impl Store {
    /// Opens it, as far as this Worker's schema.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) fn open(database: Box<dyn Database>) -> Result<Self, StoreError> {
        let store = Self { database };
        migrations::run(&store)?;
        Ok(store)
    }

    /// Every session that has not ended.
    pub(super) fn unended_sessions(&self) -> Result<Vec<SessionRecord>, StoreError> {
        self.sessions("WHERE state != 'ended'", &[])
    }

    /// The browser time of what has ended since a time, from that time on.
    pub(super) fn ended_ms_since(&self, begins_ms: u64) -> Result<u64, StoreError> {
        let sum =
            "SELECT SUM(ended_at_ms - MAX(opened_at_ms, ?)) FROM session WHERE state = 'ended' AND ended_at_ms >= ?";
        self.number(sum, &[integer(begins_ms), integer(begins_ms)])
    }

    pub(super) fn session(&self, id: &SessionId) -> Result<Option<SessionRecord>, StoreError> {
        Ok(self.sessions("WHERE id = ?", &[text(id.as_str())])?.pop())
    }

    /// A caller's sessions, newest first.
    pub(super) fn sessions_of(
        &self,
        caller: &str,
        state: Option<State>,
        limit: u64,
        offset: u64,
    ) -> Result<Part, StoreError> {
        let (filter, mut values) = match state {
            None => ("WHERE caller = ?", vec![text(caller)]),
            Some(state) => ("WHERE caller = ? AND state = ?", vec![text(caller), text(state.as_str())]),
        };
        let total = self.number(&format!("SELECT COUNT(*) FROM session {filter}"), &values)?;
        values.extend([integer(limit), integer(offset)]);
        let page = format!("{filter} ORDER BY opened_at_ms DESC, id LIMIT ? OFFSET ?");
        Ok(Part { sessions: self.sessions(&page, &values)?, total })
    }

    pub(super) fn save_session(&self, session: &SessionRecord) -> Result<(), StoreError> {
        let values = [
            text(session.session_id.as_str()),
            text(&session.caller),
            text(session.state.as_str()),
            integer(session.opened_at_ms),
            session.ended_at_ms.map_or(Value::Null, integer),
            json(session),
        ];
        self.run("INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?)", &values)
    }

    pub(super) fn link(&self, id: &SignedLinkId) -> Result<Option<LinkRecord>, StoreError> {
        Ok(self.links("WHERE id = ?", id.as_str())?.pop())
    }

    /// A caller's links, newest first.
    pub(super) fn links_of(&self, caller: &str) -> Result<Vec<LinkRecord>, StoreError> {
        self.links("WHERE caller = ? ORDER BY created_at_ms DESC, id", caller)
    }

    pub(super) fn save_link(&self, link: &LinkRecord) -> Result<(), StoreError> {
        let values = [
            text(link.id.as_str()),
            text(&link.caller),
            integer(link.created_at_ms),
            integer(link.expires_at_ms),
            json(link),
        ];
        self.run("INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?, ?)", &values)
    }

    pub(super) fn save_report(&self, report: &SweepReport) -> Result<(), StoreError> {
        self.run("INSERT OR REPLACE INTO report VALUES (0, ?)", &[json(report)])
    }

    pub(super) fn last_report(&self) -> Result<Option<SweepReport>, StoreError> {
        let Some([record]) = self.rows("SELECT report FROM report", &[])?.pop() else { return Ok(None) };
        match parse(&record) {
            Ok(report) => Ok(Some(report)),
            Err(why) => {
                self.database.warn(&format!("the last report can't be read: {why}"));
                Ok(None)
            }
        }
    }

    /// Forgets what ended, or could be used, before a time.
    pub(super) fn forget(&self, before_ms: u64) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM session WHERE state = 'ended' AND ended_at_ms < ?",
            "DELETE FROM link WHERE expires_at_ms < ?",
            "DELETE FROM set_aside WHERE at_ms < ?",
        ] {
            self.run(statement, &[integer(before_ms)])?;
        }
        Ok(())
    }

    fn sessions(&self, filter: &str, values: &[Value]) -> Result<Vec<SessionRecord>, StoreError> {
        let rows = self.rows(&format!("{SESSION} {filter}"), values)?.into_iter();
        rows.filter_map(|row| self.read_session(row).transpose()).collect()
    }

    /// Reads a row, or sets it aside. Then a session that has not ended is put together from its columns, to be closed.
    fn read_session(&self, row: [Value; 5]) -> Result<Option<SessionRecord>, StoreError> {
        let [record, id, caller, state, opened_at_ms] = row;
        let why = match parse::<SessionRecord>(&record) {
            Ok(session) if session.is_known_version() => return Ok(Some(session)),
            Ok(_) => "its version is not known here".to_owned(),
            Err(why) => why,
        };
        self.set_aside("session", &id, &record, &why)?;
        let (Value::Text(id), Value::Text(caller), Value::Integer(opened_at_ms)) = (id, caller, opened_at_ms) else {
            return Ok(None);
        };
        if state == text(State::Ended.as_str()) {
            self.run("DELETE FROM session WHERE id = ?", &[text(&id)])?;
            return Ok(None);
        }
        let session = SessionRecord::unreadable(id.into(), caller, opened_at_ms.unsigned_abs());
        self.save_session(&session)?;
        Ok(Some(session))
    }

    fn links(&self, filter: &str, value: &str) -> Result<Vec<LinkRecord>, StoreError> {
        let mut links = Vec::new();
        for [record, id] in self.rows(&format!("SELECT record, id FROM link {filter}"), &[text(value)])? {
            match parse::<LinkRecord>(&record) {
                Ok(link) if link.is_known_version() => links.push(link),
                unreadable => {
                    let why = unreadable.err().unwrap_or_else(|| "its version is not known here".to_owned());
                    self.set_aside("link", &id, &record, &why)?;
                    self.run("DELETE FROM link WHERE id = ?", &[id])?;
                }
            }
        }
        Ok(links)
    }

    /// Keeps what cannot be read where nobody reads it but the operator.
    fn set_aside(&self, kind: &str, id: &Value, record: &Value, why: &str) -> Result<(), StoreError> {
        self.database.warn(&format!("a stored {kind} can't be read and is set aside: {why}"));
        let statement = "INSERT INTO set_aside (kind, id, record, why) VALUES (?, ?, ?, ?)";
        self.run(statement, &[text(kind), id.clone(), record.clone(), text(why)])
    }

    /// The number that a query answers; 0 for none.
    fn number(&self, query: &str, values: &[Value]) -> Result<u64, StoreError> {
        let rows: Vec<[Value; 1]> = self.rows(query, values)?;
        Ok(match rows.first() {
            Some([Value::Integer(number)]) => number.unsigned_abs(),
            _ => 0,
        })
    }

    fn run(&self, statement: &str, values: &[Value]) -> Result<(), StoreError> {
        self.database.execute(statement, values).map(drop).map_err(StoreError)
    }

    fn rows<const N: usize>(&self, query: &str, values: &[Value]) -> Result<Vec<[Value; N]>, StoreError> {
        let rows = self.database.execute(query, values).map_err(StoreError)?.into_iter();
        rows.map(|row| row.try_into().map_err(|_| StoreError(format!("{query} answers other columns")))).collect()
    }
}

fn parse<T: DeserializeOwned>(record: &Value) -> Result<T, String> {
    match record {
        Value::Text(record) => serde_json::from_str(record).map_err(|error| error.to_string()),
        _ => Err("it is no text".to_owned()),
    }
}

fn json(record: &impl Serialize) -> Value {
    Value::Text(serde_json::to_string(record).expect("records are plain JSON"))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// As far as JavaScript's numbers, by which it gets there, are exact: no time or list reaches as far.
fn integer(number: u64) -> Value {
    const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;
    Value::Integer(i64::try_from(number).unwrap_or(MAX_SAFE_INTEGER).min(MAX_SAFE_INTEGER))
}

#[cfg(test)]
mod tests {
    use super::test_database::TestDatabase;
    use super::*;
    use crate::domain::access::Caller;
    use crate::domain::policy::Policy;
    use crate::domain::session::EndReason;
    use crate::ledger::test_ledger::{TestLedger, click};

    fn ledger() -> TestLedger {
        let mut ledger = TestLedger::new(Policy::for_tests());
        for session_id in ["s1", "s2"] {
            ledger.open(&click(&Caller::known("ada"), "url=https://e.com&fresh"), session_id, 20_000);
            ledger.ledger.in_flight = crate::ledger::in_flight::InFlight::default();
        }
        ledger
    }

    fn spoil(database: &TestDatabase, id: &str, record: &str) {
        let values = [text(record), text(id)];
        assert!(database.execute("UPDATE session SET record = ? WHERE id = ?", &values).unwrap().is_empty());
    }

    #[test]
    fn an_unreadable_row_is_set_aside_and_its_session_closed() {
        let newer = r#"{"version":2,"session_id":"s1","caller":"ada","url":"https://e.com/","keep_alive_seconds":600,
            "recording":false,"opened_at_ms":1,"clicked_at_ms":1,"state":"open","close_attempts":0,"tabs":[]}"#;
        for record in ["no JSON", "{}", newer] {
            let before = ledger();
            spoil(&before.database, "s1", record);
            let mut ledger = before.restarted(30_000);
            let session = ledger.find("s1").unwrap();
            assert_eq!((session.state, session.end_reason), (State::Closing, Some(EndReason::Unreadable)), "{record}");
            assert_eq!((session.caller.as_str(), session.opened_at_ms), ("ada", 20_000));
            assert_eq!(ledger.find("s2").unwrap().state, State::Open, "and nothing else is touched");
            assert_eq!(before.database.warnings.borrow().len(), 1);
            let aside = before.database.execute("SELECT id, record FROM set_aside", &[]).unwrap();
            assert_eq!(aside, [[text("s1"), text(record)]]);
            ledger.restarted(40_000);
            assert_eq!(before.database.warnings.borrow().len(), 1, "it is told once");
        }
    }

    #[test]
    fn an_unreadable_row_of_the_past_keeps_no_list_from_being_read() {
        let mut ledger = ledger();
        ledger.end("s1", crate::domain::session::Ending::now(EndReason::Gone), 30_000);
        spoil(&ledger.database, "s1", "no JSON");
        let store = Store::open(Box::new(ledger.database.clone())).unwrap();
        let listed = store.sessions_of("ada", None, 10, 0).unwrap();
        assert_eq!(listed.sessions.iter().map(|session| session.session_id.as_str()).collect::<Vec<_>>(), ["s2"]);
        assert_eq!(store.sessions_of("ada", None, 10, 0).unwrap().total, 1);
        assert_eq!(ledger.find("s1"), None);
    }

    #[test]
    fn what_ended_long_ago_is_forgotten_and_what_is_open_is_not() {
        let mut ledger = ledger();
        ledger.end("s1", crate::domain::session::Ending::now(EndReason::Gone), 30_000);
        let store = Store::open(Box::new(ledger.database.clone())).unwrap();
        store.forget(30_000).unwrap();
        assert!(ledger.find("s1").is_some());
        store.forget(30_001).unwrap();
        assert_eq!((ledger.find("s1"), ledger.find("s2").is_some()), (None, true));
    }

    /// Neither reads a row that it does not answer.
    #[test]
    fn no_list_and_no_start_reads_the_whole_history() {
        let database = TestDatabase::new();
        Store::open(Box::new(database.clone())).unwrap();
        for (query, index) in [
            ("SELECT record, id, caller, state, opened_at_ms FROM session WHERE state != 'ended'", "session_unended"),
            (
                "SELECT SUM(ended_at_ms - MAX(opened_at_ms, 0)) FROM session WHERE state = 'ended' AND ended_at_ms >= 0",
                "COVERING INDEX session_ended",
            ),
            ("SELECT COUNT(*) FROM session WHERE caller = 'a'", "COVERING INDEX session_caller"),
            ("SELECT COUNT(*) FROM session WHERE caller = 'a' AND state = 'open'", "COVERING INDEX session_caller"),
            ("SELECT record FROM session WHERE caller = 'a' ORDER BY opened_at_ms DESC, id LIMIT 1", "session_caller"),
            ("DELETE FROM session WHERE state = 'ended' AND ended_at_ms < 0", "session_ended"),
            ("SELECT record FROM link WHERE caller = 'a' ORDER BY created_at_ms DESC, id", "link_caller"),
            ("DELETE FROM link WHERE expires_at_ms < 0", "link_expires"),
        ] {
            let plan = format!("{:?}", database.execute(&format!("EXPLAIN QUERY PLAN {query}"), &[]).unwrap());
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{query}: {plan}");
        }
    }
}
