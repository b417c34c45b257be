//! A real SQLite in memory, for native tests.

use super::Database;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Clones share it, so that a test can look into what a ledger keeps, and start it anew.
#[derive(Clone)]
pub(crate) struct TestDatabase {
    connection: Rc<Connection>,
    pub(crate) warnings: Rc<RefCell<Vec<String>>>,
    /// How many statements are still carried out before one fails.
    fails_after: Rc<Cell<Option<usize>>>,
}

impl TestDatabase {
    pub(crate) fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection.set_prepared_statement_cache_capacity(64);
        Self { connection: Rc::new(connection), warnings: Rc::default(), fails_after: Rc::default() }
    }

    /// Forgets every row.
    pub(crate) fn empty(&self) {
        self.fails_after.set(None);
        self.warnings.borrow_mut().clear();
        for table in ["session", "link", "report", "set_aside", "metrics"] {
            // Before it is first opened there is none.
            drop(
                self.connection.prepare_cached(&format!("DELETE FROM {table}")).and_then(|mut empty| empty.execute([])),
            );
        }
    }

    /// Lets one statement fail after so many more; `None`: none does.
    pub(crate) fn fail_after(&self, statements: Option<usize>) {
        self.fails_after.set(statements);
    }

    fn rows(&self, statement: &str, values: &str) -> rusqlite::Result<Vec<Vec<Value>>> {
        let values: Vec<Value> = serde_json::from_str(values).unwrap();
        let mut statement = self.connection.prepare_cached(statement)?;
        let columns = statement.column_count();
        let rows = statement.query_map(params_from_iter(values.iter().map(to_sql)), |row| {
            (0..columns).map(|column| row.get_ref(column).map(from_sql)).collect()
        })?;
        rows.collect()
    }
}

impl Database for TestDatabase {
    fn execute(&self, statement: &str, values: &str) -> Result<String, String> {
        match self.fails_after.get() {
            Some(0) => {
                self.fails_after.set(None);
                return Err("database or disk is full".to_owned());
            }
            left => self.fails_after.set(left.map(|left| left - 1)),
        }
        self.rows(statement, values)
            .map(|rows| serde_json::to_string(&rows).unwrap())
            .map_err(|error| error.to_string())
    }

    fn warn(&self, what: &str) {
        self.warnings.borrow_mut().push(what.to_owned());
    }
}

fn to_sql(value: &Value) -> rusqlite::types::Value {
    match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Number(number) => number.as_i64().expect("it is whole").into(),
        Value::String(text) => text.clone().into(),
        other => panic!("no column takes {other}"),
    }
}

fn from_sql(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        other => panic!("no column holds {other:?}"),
    }
}
