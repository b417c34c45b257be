//! What planted faults do to what is asked of the ledger.

use super::day::Worker;
use super::mutant::Mutant;
use crate::domain::{Click, Defaults, SessionRecord};
use crate::ledger::{LedgerError, MarkClosing, Refusal};
use serde_json::json;

/// Sends a command as a planted fault would.
pub(super) async fn send(
    mutant: Mutant, worker: &Worker, name: &'static str, input: String, deadline_ms: u32,
) -> Result<String, LedgerError> {
    match (mutant, name) {
        (Mutant::RecordedWithItsTab, "RecordSession") => {
            worker.held_back.replace(Some(input));
            return Ok(json!({ "Ok": null }).to_string());
        }
        (Mutant::RecordedWithItsTab, "RecordTab") => {
            if let Some(record) = worker.held_back.take() {
                worker.send_command("RecordSession", record, deadline_ms).await?;
            }
        }
        (Mutant::LinkCountKept, "AbandonClick") => {
            worker.only_note(name, input);
            return Ok(json!({ "Ok": null }).to_string());
        }
        _ => {}
    }
    let (asked, answer) = (input.clone(), worker.send_command(name, input, deadline_ms).await);
    match (mutant, name) {
        (Mutant::LostRecordIgnored, "RecordSession") if matches!(answer, Err(LedgerError::Failed(_))) => {
            Ok(json!({ "Ok": null }).to_string())
        }
        (Mutant::RevocationIgnored, "RecordTab") => answer.map(|answer| without_revocation(&answer, json!([]))),
        (Mutant::RevocationIgnored, "CheckLink") => answer.map(|answer| without_revocation(&answer, json!(null))),
        (Mutant::OthersClosed, "OpenSessions") => answer.map(|answer| with_others(worker, &answer)),
        (Mutant::OthersClosed, "MarkClosing") => answer.map(|_| all_marked(&asked)),
        _ => answer,
    }
}

fn without_revocation(answer: &str, instead: serde_json::Value) -> String {
    let revoked = lean_json::write(&Err::<(), _>(Refusal::LinkRevoked));
    if answer == revoked { json!({ "Ok": instead }).to_string() } else { answer.to_owned() }
}

fn with_others(worker: &Worker, answer: &str) -> String {
    let ours: Result<Vec<SessionRecord>, Refusal> = lean_json::read(answer).unwrap();
    let mut sessions = ours.unwrap();
    let click = Click::from_query("url=https://e.com", Defaults::for_tests()).unwrap();
    let account = worker.day.account.borrow();
    let others = account.sessions.iter().filter(|session| !session.is_ours());
    sessions.extend(others.map(|other| SessionRecord::new(other.id.as_str().into(), "ada".to_owned(), &click, 0)));
    lean_json::write(&Ok::<_, Refusal>(sessions))
}

fn all_marked(asked: &str) -> String {
    let MarkClosing { sessions } = lean_json::read(asked).unwrap();
    json!({ "Ok": sessions.iter().map(|mark| mark.session_id.as_str()).collect::<Vec<_>>() }).to_string()
}
