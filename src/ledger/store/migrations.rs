//! The schema, as numbered steps. What has landed is never changed: a new step goes behind it, with a test that begins with
//! rows of the step before.

use super::Store;
use crate::ledger::unanswered::StoreError;

/// Step 1 is the schema from before steps were counted: it may be there already.
const MIGRATIONS: [&[&str]; 4] = [
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
    &["CREATE TABLE metrics (id INTEGER PRIMARY KEY CHECK (id = 0), counts TEXT NOT NULL)"],
    &[
        "CREATE TABLE browser_time (day INTEGER NOT NULL, caller TEXT NOT NULL, ms INTEGER NOT NULL,
            PRIMARY KEY (day, caller)) WITHOUT ROWID",
        // Whole on the day of its end: it is only looked at.
        "INSERT INTO browser_time SELECT ended_at_ms / 86400000, caller, SUM(MAX(ended_at_ms - opened_at_ms, 0))
            FROM session WHERE state = 'ended' GROUP BY 1, 2",
    ],
];

/// Takes the steps that have not been taken. One object's statements without an `await` between them are one transaction:
/// <https://developers.cloudflare.com/durable-objects/best-practices/rules-of-durable-objects/>
pub(super) fn run(store: &Store) -> Result<(), StoreError> {
    store.run("CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL)", &[])?;
    let taken = store.number("MAX(version) FROM schema", &[])?;
    for (version, statements) in (1_u64..).zip(MIGRATIONS).filter(|(version, _)| *version > taken) {
        for statement in statements {
            store.run(statement, &[])?;
        }
        store.run("INSERT INTO schema VALUES (?)", &[&version])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EndReason, State};
    use crate::ledger::metrics::Counts;
    use crate::ledger::store::Database as _;
    use crate::ledger::store::test_database::TestDatabase;
    use serde_json::{Value, json};

    /// Rows as the Worker wrote them when the schema was that of step 1: of its first days, and of its last.
    const SESSIONS: [(&str, &str, Option<u64>, &str); 3] = [
        (
            "s1",
            "open",
            None,
            r#"{"version":1,"session_id":"s1","caller":"ada","url":"https://e.com/","keep_alive_seconds":600,
                "recording":false,"opened_at_ms":1000,"clicked_at_ms":1000,"state":"open","ended_at_ms":null,
                "end_reason":null,"close_attempts":0,"close_retry_at_ms":null,
                "tabs":[{"target_id":"T1","url":"https://e.com/","opened_at_ms":1000,"clicked_at_ms":1000}]}"#,
        ),
        (
            "s2",
            "closing",
            None,
            r#"{"version":1,"session_id":"s2","caller":"ada","link":"l1","url":"https://e.com/","keep_alive_seconds":600,
                "recording":true,"opened_at_ms":2000,"clicked_at_ms":2500,"state":"closing","ended_at_ms":null,
                "end_reason":"link_revoked","close_attempts":1,"close_retry_at_ms":9000,"asked_at_ms":3000,"tabs":[]}"#,
        ),
        (
            "s3",
            "ended",
            Some(9_000),
            r#"{"version":1,"session_id":"s3","caller":"ada","url":"https://e.com/","keep_alive_seconds":600,
                "recording":false,"opened_at_ms":3000,"clicked_at_ms":3000,"state":"ended","ended_at_ms":9000,
                "end_reason":"BrowserIdle","close_attempts":0,"close_retry_at_ms":null,"tabs":[]}"#,
        ),
    ];
    const LINK: &str = r#"{"version":1,"id":"l1","caller":"ada","url":"https://e.com/","options":{"keep_alive_seconds":600,
        "view":{}},"confirm":false,"note":null,"created_at_ms":5,"expires_at_ms":1000000,"max_opens":20,"opens":1,
        "revoked_at_ms":null}"#;
    const REPORT: &str = r#"{"started_at_ms":1,"dry_run":false,"closed":[],"ended":0,"kept":0,"failed":[],"postponed":0,
        "foreign":2,"list_error":null}"#;

    /// A database as the Worker left it that did not count steps.
    fn of_step_1() -> TestDatabase {
        let database = TestDatabase::new();
        let run = |statement: &str, values: Value| drop(database.execute(statement, &values.to_string()).unwrap());
        MIGRATIONS[0].iter().for_each(|statement| run(statement, json!([])));
        for (opened_at_ms, (id, state, ended_at_ms, record)) in (1_u64..).zip(SESSIONS) {
            let values = json!([id, "ada", state, opened_at_ms * 1_000, ended_at_ms, record]);
            run("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", values);
        }
        run("INSERT INTO link VALUES (?, ?, ?, ?, ?)", json!(["l1", "ada", 5, 1_000_000, LINK]));
        run("INSERT INTO report VALUES (0, ?)", json!([REPORT]));
        database
    }

    /// A database as the Worker left it whose last step was the second.
    fn of_step_2() -> TestDatabase {
        let database = of_step_1();
        let run = |statement: &str, values: Value| drop(database.execute(statement, &values.to_string()).unwrap());
        run("CREATE TABLE schema (version INTEGER NOT NULL)", json!([]));
        MIGRATIONS[1].iter().for_each(|statement| run(statement, json!([])));
        [1, 2].into_iter().for_each(|version| run("INSERT INTO schema VALUES (?)", json!([version])));
        database
    }

    #[test]
    fn step_3_keeps_what_step_2_held_and_counts_from_nothing() {
        let database = of_step_2();
        for _ in 0..2 {
            let store = Store::open(Box::new(database.clone())).unwrap();
            assert_eq!(store.counts(), Ok(Counts::default()));
            assert_eq!((store.unended_sessions().unwrap().len(), store.count_of("ada", None)), (2, Ok(3)));
            assert_eq!(store.last_report().unwrap().unwrap().foreign, 2);
            assert_eq!(store.number("MAX(version) FROM schema", &[]), Ok(MIGRATIONS.len() as u64));
        }
        assert!(database.warnings.borrow().is_empty());
    }

    #[test]
    fn step_4_counts_what_had_ended_before() {
        let store = Store::open(Box::new(of_step_2())).unwrap();
        let time = |caller| store.browser_time(caller, 0, 0).unwrap().month_ms;
        assert_eq!((time(None), time(Some("ada")), time(Some("bob"))), (6_000, 6_000, 0));
    }

    #[test]
    fn step_2_keeps_what_step_1_held() {
        let database = of_step_1();
        for _ in 0..2 {
            let store = Store::open(Box::new(database.clone())).unwrap();
            let unended = store.unended_sessions().unwrap();
            assert_eq!(unended.iter().map(|session| session.state).collect::<Vec<_>>(), [State::Open, State::Closing]);
            assert_eq!(unended[1].end_reason, Some(EndReason::LinkRevoked));
            let (all, total) = store.page_of("ada", None, 10, 0).unwrap();
            let ids: Vec<_> = all.iter().map(|session| session.session_id.as_str()).collect();
            assert_eq!((ids, total), (vec!["s3", "s2", "s1"], 3));
            assert_eq!(store.ended_ms_since(4_000).unwrap(), 5_000);
            assert_eq!(store.links_of("ada").unwrap()[0].opens, 1);
            assert_eq!(store.last_report().unwrap().unwrap().foreign, 2);
            let taken = store.number("MAX(version) FROM schema", &[]);
            assert_eq!(taken, Ok(MIGRATIONS.len() as u64), "and once is enough");
        }
        assert!(database.warnings.borrow().is_empty());
    }
}
