//! Every session that was acquired is in the ledger, or closed, or ends by itself; none of others' is touched; and what has
//! ended in the ledger has ended.

use super::super::account::RemoteSession;
use super::super::day::Day;
use crate::domain::{SessionRecord, State};
use crate::ledger::{Database as _, RecordSession};

pub(super) fn check(day: &Day) {
    let records = records(day);
    day.account.borrow_mut().expire(day.sim.now_ms());
    let account = day.account.borrow();
    for session in account.sessions.iter().filter(|session| session.is_ours() && session.ended.is_none()) {
        let record = records.iter().find(|record| record.session_id.as_str() == session.id);
        match record {
            None if is_lost(day, session) => {}
            None => day.violation(format!("{} runs and is not in the ledger", session.id)),
            Some(record) if record.state == State::Ended && !session.is_lied_about => {
                day.violation(format!("{} runs and has ended in the ledger: {:?}", session.id, record.end_reason));
            }
            Some(_) => {}
        }
    }
    for record in &records {
        if !account.get(record.session_id.as_str()).is_some_and(RemoteSession::is_ours) {
            day.violation(format!("{} is in the ledger and not ours", record.session_id));
        }
        if record.tabs.len() > day.config.policy.max_tabs {
            day.violation(format!("{} has {} tabs", record.session_id, record.tabs.len()));
        }
    }
}

/// Whether nothing of ours is left in the ledger.
pub(super) fn are_over(day: &Day) -> bool {
    let rows = day.database.execute("SELECT 1 FROM session WHERE state != 'ended' LIMIT 1", "[]");
    rows.expect("SQLite works") == "[]"
}

/// Whether nobody can know of it: then it ends by its `keep_alive`. Its id was never read, its Worker died, or neither the
/// ledger nor Browser Run took what was to be done about it.
fn is_lost(day: &Day, session: &RemoteSession) -> bool {
    let acquired_by = session.acquired_by.expect("it is ours");
    let has_died = !day.witness(acquired_by, |witness| witness.is_finished);
    let commands = day.commands.borrow();
    let records =
        commands.iter().filter_map(|command| Some((command, command.asked::<RecordSession>("RecordSession")?)));
    let of_it = records.filter(|(_, record)| record.session_id.as_str() == session.id);
    let failed = of_it.filter(|(command, _)| !command.is_told).count();
    !session.is_known
        || has_died
        || failed >= 2 && day.close_failures.borrow().contains(&session.id)
        || failed >= 1 && session.is_lied_about
}

fn records(day: &Day) -> Vec<SessionRecord> {
    let rows = day.database.execute("SELECT record FROM session", "[]").expect("SQLite works");
    let rows: Vec<(String,)> = lean_json::read(&rows).expect("rows are JSON");
    rows.into_iter().map(|(record,)| lean_json::read(&record).expect("a record is read as it was written")).collect()
}
