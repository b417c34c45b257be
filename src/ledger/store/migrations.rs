//! The schema, as numbered steps. What has landed is never changed: a new step goes behind it, with a test that begins with
//! rows of the step before.

use super::{Store, StoreError, integer};

/// Step 1 is the schema from before steps were counted: it may be there already.
const MIGRATIONS: [&[&str]; 2] = [
    &[
        "CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, caller TEXT NOT NULL, state TEXT NOT NULL,
            opened_at_ms INTEGER NOT NULL, ended_at_ms INTEGER, record TEXT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS session_opened ON session (opened_at_ms)",
        "CREATE TABLE IF NOT EXISTS link (id TEXT PRIMARY KEY, caller TEXT NOT NULL, created_at_ms INTEGER NOT NULL,
            expires_at_ms INTEGER NOT NULL, record TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS report (id INTEGER PRIMARY KEY CHECK (id = 0), report TEXT NOT NULL)",
    ],
    // What is asked for at every start, of every list, and by every clean-up, however long the history.
    &[
        "DROP INDEX session_opened",
        "CREATE INDEX session_unended ON session (id) WHERE state != 'ended'",
        "CREATE INDEX session_ended ON session (ended_at_ms, opened_at_ms) WHERE state = 'ended'",
        "CREATE INDEX session_caller ON session (caller, opened_at_ms DESC, id, state)",
        "CREATE INDEX link_caller ON link (caller, created_at_ms DESC, id)",
        "CREATE INDEX link_expires ON link (expires_at_ms)",
        // By SQLite's own clock: nothing is decided by it but when the row is forgotten.
        "CREATE TABLE set_aside (kind TEXT NOT NULL, id TEXT, record TEXT, why TEXT NOT NULL,
            at_ms INTEGER NOT NULL DEFAULT (unixepoch() * 1000))",
    ],
];

/// Takes the steps that have not been taken. One object's statements without an `await` between them are one transaction:
/// <https://developers.cloudflare.com/durable-objects/best-practices/access-durable-objects-storage/#create-and-delete-durable-object-storage>
pub(super) fn run(store: &Store) -> Result<(), StoreError> {
    store.run("CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL)", &[])?;
    let taken = store.number("SELECT MAX(version) FROM schema", &[])?;
    for (version, statements) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > taken) {
        for statement in statements {
            store.run(statement, &[])?;
        }
        store.run("INSERT INTO schema VALUES (?)", &[integer(version)])?;
    }
    Ok(())
}
