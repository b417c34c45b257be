//! The ledger in SQLite. What is searched for stands in columns; the record itself is JSON with a version.
//!
//! A row that cannot be read, or is of a version that this Worker does not know, is told and set aside; if its session had
//! not ended, the columns are enough to close it.

mod browser_time;
mod counts;
mod migrations;
#[cfg(test)]
pub(super) mod test_database;

use super::links::LinkRecord;
use super::unanswered::StoreError;
use crate::domain::{SessionId, SessionRecord, SignedLinkId, State, SweepReport};
use lean_json::{FromJson, ToJson};

/// What the ledger is kept in: SQLite, and a log.
pub(crate) trait Database {
    /// Runs one statement. Its values and the rows that it answers are JSON arrays.
    ///
    /// # Errors
    /// SQLite's own words.
    fn execute(&self, statement: &str, values: &str) -> Result<String, String>;

    /// Tells the operator that something is wrong which nothing has to wait for.
    fn warn(&self, what: &str);
}

/// The ledger's rows.
pub(crate) struct Store {
    database: Box<dyn Database>,
}

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
        self.sessions("state != 'ended'", &[])
    }

    /// The browser time of what has ended since a time, from that time on. What ended before it began, by a clock that was set
    /// back meanwhile, counts as nothing.
    pub(super) fn ended_ms_since(&self, begins_ms: u64) -> Result<u64, StoreError> {
        let sum =
            "SUM(MAX(ended_at_ms - MAX(opened_at_ms, ?), 0)) FROM session WHERE state = 'ended' AND ended_at_ms >= ?";
        self.number(sum, &[&begins_ms, &begins_ms])
    }

    pub(super) fn session(&self, id: &SessionId) -> Result<Option<SessionRecord>, StoreError> {
        Ok(self.sessions("id = ?", &[id])?.pop())
    }

    /// How many sessions a caller has.
    pub(super) fn count_of(&self, caller: &str, state: Option<State>) -> Result<u64, StoreError> {
        let count = format!("COUNT(*) FROM session WHERE {}", filter(state));
        self.number(&count, &[&caller, &state])
    }

    /// A part of a caller's sessions, newest first, and how many there are in all.
    pub(super) fn page_of(
        &self, caller: &str, state: Option<State>, limit: u64, offset: u64,
    ) -> Result<(Vec<SessionRecord>, u64), StoreError> {
        let total = self.count_of(caller, state)?;
        let limit = limit.min(total.saturating_sub(offset));
        let behind = total.saturating_sub(offset.saturating_add(limit));
        // Rows that are left out are read all the same: a part is read from the end that is nearer.
        let from_behind = behind < offset;
        let order = if from_behind { "opened_at_ms, id DESC" } else { "opened_at_ms DESC, id" };
        let part = format!("{} ORDER BY {order} LIMIT {limit} OFFSET {}", filter(state), behind.min(offset));
        let mut sessions = self.sessions(&part, &[&caller, &state])?;
        if from_behind {
            sessions.reverse();
        }
        Ok((sessions, total))
    }

    pub(super) fn save_session(&self, session: &SessionRecord) -> Result<(), StoreError> {
        let SessionRecord { session_id, caller, state, opened_at_ms, ended_at_ms, .. } = session;
        let values: [&dyn ToJson; 6] =
            [session_id, caller, state, opened_at_ms, ended_at_ms, &lean_json::write(session)];
        // No replacing: that would take the row out of every index, and put it in again.
        let upsert = "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
            state = excluded.state, ended_at_ms = excluded.ended_at_ms, record = excluded.record";
        self.run(upsert, &values)
    }

    /// Saves a session that is stored already, in the same state. No index is written again: half of the time.
    pub(super) fn update_record(&self, session: &SessionRecord) -> Result<(), StoreError> {
        let values: [&dyn ToJson; 2] = [&lean_json::write(session), &session.session_id];
        self.run("UPDATE session SET record = ? WHERE id = ?", &values)
    }

    pub(super) fn link(&self, id: &SignedLinkId) -> Result<Option<LinkRecord>, StoreError> {
        Ok(self.links("id = ?", id.as_str())?.pop())
    }

    /// A caller's links, newest first.
    pub(super) fn links_of(&self, caller: &str) -> Result<Vec<LinkRecord>, StoreError> {
        self.links("caller = ? ORDER BY created_at_ms DESC, id", caller)
    }

    pub(super) fn save_link(&self, link: &LinkRecord) -> Result<(), StoreError> {
        let LinkRecord { id, caller, created_at_ms, expires_at_ms, .. } = link;
        let values: [&dyn ToJson; 5] = [id, caller, created_at_ms, expires_at_ms, &lean_json::write(link)];
        self.run("INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?, ?)", &values)
    }

    pub(super) fn save_report(&self, report: &SweepReport) -> Result<(), StoreError> {
        self.run("INSERT OR REPLACE INTO report VALUES (0, ?)", &[&lean_json::write(report)])
    }

    pub(super) fn last_report(&self) -> Result<Option<SweepReport>, StoreError> {
        let stored = self.rows("SELECT report FROM report", &[])?.pop();
        let read = stored.map(|(report,): (String,)| lean_json::read(&report)).transpose();
        Ok(read.unwrap_or_else(|why| {
            self.database.warn(&format!("the last report can't be read: {why}"));
            None
        }))
    }

    /// Forgets what ended, or could be used, before a time.
    pub(super) fn forget(&self, before_ms: u64) -> Result<(), StoreError> {
        self.run("DELETE FROM session WHERE state = 'ended' AND ended_at_ms < ?", &[&before_ms])?;
        self.run("DELETE FROM link WHERE expires_at_ms < ?", &[&before_ms])?;
        self.run("DELETE FROM set_aside WHERE at_ms < ?", &[&before_ms])
    }

    /// Reads rows, or sets them aside. Then a session that has not ended is put together from its columns, to be closed.
    fn sessions(&self, filter: &str, values: &[&dyn ToJson]) -> Result<Vec<SessionRecord>, StoreError> {
        let query = format!("SELECT record, id, caller, state, opened_at_ms FROM session WHERE {filter}");
        let rows: Vec<(String, SessionId, String, State, u64)> = self.rows(&query, values)?;
        let read = rows.into_iter().map(|(record, id, caller, state, opened_at_ms)| {
            let read = read::<SessionRecord>(&record, SessionRecord::is_known_version);
            let Err(why) = read else { return Ok(read.ok()) };
            self.set_aside("session", id.as_str(), &record, &why)?;
            if state == State::Ended {
                return Ok(None);
            }
            let session = SessionRecord::unreadable(id, caller, opened_at_ms);
            self.save_session(&session)?;
            Ok(Some(session))
        });
        read.filter_map(Result::transpose).collect()
    }

    fn links(&self, filter: &str, value: &str) -> Result<Vec<LinkRecord>, StoreError> {
        let mut links = Vec::new();
        let rows: Vec<(String, String)> =
            self.rows(&format!("SELECT record, id FROM link WHERE {filter}"), &[&value])?;
        for (record, id) in rows {
            match read(&record, LinkRecord::is_known_version) {
                Ok(link) => links.push(link),
                Err(why) => self.set_aside("link", &id, &record, &why)?,
            }
        }
        Ok(links)
    }

    /// Moves what cannot be read to where nobody reads it but the operator.
    fn set_aside(&self, table: &str, id: &str, record: &str, why: &str) -> Result<(), StoreError> {
        self.database.warn(&format!("a stored {table} can't be read and is set aside: {why}"));
        let keep = "INSERT INTO set_aside (kind, id, record, why) VALUES (?, ?, ?, ?)";
        self.run(keep, &[&table, &id, &record, &why])?;
        self.run(&format!("DELETE FROM {table} WHERE id = ?"), &[&id])
    }

    /// The number that a query answers; 0 for none.
    fn number(&self, query: &str, values: &[&dyn ToJson]) -> Result<u64, StoreError> {
        let rows: Vec<(Option<u64>,)> = self.rows(&format!("SELECT {query}"), values)?;
        Ok(rows.first().and_then(|(number,)| *number).unwrap_or(0))
    }

    fn run(&self, statement: &str, values: &[&dyn ToJson]) -> Result<(), StoreError> {
        self.database.execute(statement, &lean_json::write(values)).map(drop).map_err(StoreError)
    }

    fn rows<T: FromJson>(&self, query: &str, values: &[&dyn ToJson]) -> Result<Vec<T>, StoreError> {
        let rows = self.database.execute(query, &lean_json::write(values)).map_err(StoreError)?;
        lean_json::read(&rows).map_err(|error| StoreError(format!("{query}: {error}")))
    }
}

/// Of a caller's sessions, those in a state; two values.
fn filter(state: Option<State>) -> &'static str {
    if state.is_some() { "caller = ? AND state = ?" } else { "caller = ? AND ? IS NULL" }
}

fn read<T: FromJson>(record: &str, is_known_version: impl Fn(&T) -> bool) -> Result<T, String> {
    let record: T = lean_json::read(record).map_err(|error| error.to_string())?;
    if is_known_version(&record) { Ok(record) } else { Err("its version is not known here".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::test_database::TestDatabase;
    use super::*;
    use crate::domain::{Caller, EndReason, Policy};
    use crate::ledger::test_ledger::{TestLedger, click};
    use serde_json::json;

    fn ledger() -> TestLedger {
        let mut ledger = TestLedger::new(Policy::for_tests());
        for session_id in ["s1", "s2"] {
            ledger.open(&click(&Caller::known("ada"), "url=https://e.com&fresh"), session_id, 20_000);
            ledger.ledger.in_flight = crate::ledger::in_flight::InFlight::default();
        }
        ledger
    }

    fn spoil(database: &TestDatabase, id: &str, record: &str) {
        database.execute("UPDATE session SET record = ? WHERE id = ?", &json!([record, id]).to_string()).unwrap();
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
            let aside = before.database.execute("SELECT id, record FROM set_aside", "[]").unwrap();
            assert_eq!(aside, json!([["s1", record]]).to_string());
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
        let (listed, _) = store.page_of("ada", None, 10, 0).unwrap();
        assert_eq!(listed.iter().map(|session| session.session_id.as_str()).collect::<Vec<_>>(), ["s2"]);
        assert_eq!(store.count_of("ada", None), Ok(1));
        assert_eq!(ledger.find("s1"), None);
    }

    #[test]
    fn a_ledger_is_opened_though_a_session_ended_before_it_began() {
        let mut ledger = ledger();
        ledger.end("s1", crate::domain::session::Ending::now(EndReason::Gone), 10_000);
        assert!(ledger.restarted(30_000).find("s2").is_some());
        let store = Store::open(Box::new(ledger.database.clone())).unwrap();
        assert_eq!(store.ended_ms_since(0), Ok(0));
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

    #[test]
    fn pages_of_any_length_are_the_list_from_both_of_its_ends() {
        // Two at a time, so that their ids say which is first; and one of somebody else's.
        let sessions = ["ada", "ada", "ada", "bob", "ada", "ada"].into_iter().enumerate().map(|(number, caller)| {
            let click = click(&Caller::known(caller), "url=https://e.com").click;
            SessionRecord::new(format!("s{number}").as_str().into(), caller.to_owned(), &click, number as u64 / 2)
        });
        let TestLedger { ledger, .. } = TestLedger::holding(sessions.collect());
        let newest_first = ["s4", "s5", "s2", "s0", "s1"];
        for (offset, limit) in (0..7).flat_map(|offset| (0..7).map(move |limit| (offset, limit))) {
            let (page, total) = ledger.store.page_of("ada", None, limit as u64, offset as u64).unwrap();
            let ids: Vec<_> = page.iter().map(|session| session.session_id.as_str()).collect();
            let expected: Vec<_> = newest_first.into_iter().skip(offset).take(limit).collect();
            assert_eq!((ids, total), (expected, 5), "{limit} from {offset} on");
        }
        let beyond = ledger.store.page_of("ada", None, u64::MAX, u64::MAX);
        assert_eq!(beyond, Ok((vec![], 5)));
    }

    /// Neither reads a row that it does not answer.
    #[test]
    fn no_list_and_no_start_reads_the_whole_history() {
        let database = TestDatabase::new();
        Store::open(Box::new(database.clone())).unwrap();
        for (query, index) in [
            ("SELECT record, id, caller, state, opened_at_ms FROM session WHERE state != 'ended'", "session_unended"),
            (
                "SELECT SUM(MAX(ended_at_ms - MAX(opened_at_ms, 0), 0)) FROM session WHERE state = 'ended' AND ended_at_ms >= 0",
                "COVERING INDEX session_ended",
            ),
            ("SELECT COUNT(*) FROM session WHERE caller = 'a' AND NULL IS NULL", "COVERING INDEX session_caller"),
            ("SELECT COUNT(*) FROM session WHERE caller = 'a' AND state = 'open'", "COVERING INDEX session_caller"),
            ("SELECT record FROM session WHERE caller = 'a' ORDER BY opened_at_ms DESC, id LIMIT 1", "session_caller"),
            ("SELECT record FROM session WHERE caller = 'a' ORDER BY opened_at_ms, id DESC LIMIT 1", "session_caller"),
            ("DELETE FROM session WHERE state = 'ended' AND ended_at_ms < 0", "session_ended"),
            ("SELECT record FROM link WHERE caller = 'a' ORDER BY created_at_ms DESC, id", "link_caller"),
            ("DELETE FROM link WHERE expires_at_ms < 0", "link_expires"),
        ] {
            let plan = database.execute(&format!("EXPLAIN QUERY PLAN {query}"), "[]").unwrap();
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{query}: {plan}");
        }
    }
}
