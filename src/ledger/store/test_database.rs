//! A real SQLite in memory, for native tests.

use super::{Database, Row, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
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
}

impl Database for TestDatabase {
    fn execute(&self, statement: &str, values: &[Value]) -> Result<Vec<Row>, String> {
        let run = || {
            let mut statement = self.connection.prepare(statement)?;
            let columns = statement.column_count();
            let rows = statement.query_map(params_from_iter(values), |row| {
                (0..columns).map(|column| Ok(row.get_ref(column)?.into())).collect()
            })?;
            rows.collect::<rusqlite::Result<Vec<Row>>>()
        };
        run().map_err(|error| error.to_string())
    }

    fn warn(&self, what: &str) {
        self.warnings.borrow_mut().push(what.to_owned());
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(rusqlite::types::Value::Null),
            Self::Integer(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
        })
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            other => panic!("no column holds {other:?}"),
        }
    }
}
