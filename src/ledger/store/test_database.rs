//! A real SQLite in memory, for native tests.

use super::Database;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;

/// Clones share it, so that a test can look into what a ledger keeps, and start it anew.
#[derive(Clone)]
pub(crate) struct TestDatabase {
    connection: Rc<Connection>,
    pub(crate) warnings: Rc<RefCell<Vec<String>>>,
}

impl TestDatabase {
    pub(crate) fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        Self { connection: Rc::new(connection), warnings: Rc::default() }
    }

    fn rows(&self, statement: &str, values: &str) -> rusqlite::Result<Vec<Vec<Value>>> {
        let values: Vec<Value> = serde_json::from_str(values).unwrap();
        let mut statement = self.connection.prepare(statement)?;
        let columns = statement.column_count();
        let rows = statement.query_map(params_from_iter(values.iter().map(to_sql)), |row| {
            (0..columns).map(|column| row.get_ref(column).map(from_sql)).collect()
        })?;
        rows.collect()
    }
}

impl Database for TestDatabase {
    fn execute(&self, statement: &str, values: &str) -> Result<String, String> {
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
