//! Planted faults: what the Worker could do wrong, done at its edges, to see that it is found.

use super::day::Worker;
use crate::domain::{Click, SessionRecord};
use crate::ledger::{Database, LedgerError, MarkClosing, Refusal, TestDatabase};
use serde_json::json;

/// A fault of the Worker's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutant {
    /// A session is recorded with its tab, and forgotten when there is none.
    RecordedWithItsTab,
    /// A POST that was not answered is sent again.
    PostRetried,
    /// A session that is not on the list has ended.
    AbsenceIsAnEnd,
    /// A close that failed counts as done.
    FailedCloseForgotten,
    /// Whether its link was revoked meanwhile is not asked once the tab is open.
    RevocationIgnored,
    /// The clean-up closes what it finds on the list.
    OthersClosed,
    /// A click that came to nothing counts for its link.
    LinkCountKept,
    /// That a session could not be recorded is not noticed.
    LostRecordIgnored,
    /// A click that waits for another is not told when that is over.
    NeverWoken,
    /// A link's browser counts twice.
    OpenCountedTwice,
}

impl Mutant {
    pub(super) const ALL: [Self; 10] = [
        Self::RecordedWithItsTab,
        Self::PostRetried,
        Self::AbsenceIsAnEnd,
        Self::FailedCloseForgotten,
        Self::RevocationIgnored,
        Self::OthersClosed,
        Self::LinkCountKept,
        Self::LostRecordIgnored,
        Self::NeverWoken,
        Self::OpenCountedTwice,
    ];

    /// Sends a command as this fault would.
    pub(super) async fn send(
        self, worker: &Worker, name: &'static str, input: String, deadline_ms: u32,
    ) -> Result<String, LedgerError> {
        match (self, name) {
            (Self::RecordedWithItsTab, "RecordSession") => {
                worker.held_back.replace(Some(input));
                return Ok(json!({ "Ok": null }).to_string());
            }
            (Self::RecordedWithItsTab, "RecordTab") => {
                if let Some(record) = worker.held_back.take() {
                    worker.send_command("RecordSession", record, deadline_ms).await?;
                }
            }
            (Self::LinkCountKept, "AbandonClick") => {
                worker.only_note(name, input);
                return Ok(json!({ "Ok": null }).to_string());
            }
            _ => {}
        }
        let (asked, answer) = (input.clone(), worker.send_command(name, input, deadline_ms).await);
        match (self, name) {
            (Self::LostRecordIgnored, "RecordSession") if matches!(answer, Err(LedgerError::Failed(_))) => {
                Ok(json!({ "Ok": null }).to_string())
            }
            (Self::RevocationIgnored, "RecordTab") => answer.map(|answer| without_revocation(&answer, json!([]))),
            (Self::RevocationIgnored, "RecordSession") => answer.map(|answer| without_revocation(&answer, json!(null))),
            (Self::OthersClosed, "OpenSessions") => answer.map(|answer| with_others(worker, &answer)),
            (Self::OthersClosed, "MarkClosing") => answer.map(|_| all_marked(&asked)),
            _ => answer,
        }
    }
}

/// A database in which every number of a link's browsers is twice as high.
pub(super) struct Doubling(pub(super) TestDatabase);

impl Database for Doubling {
    fn execute(&self, statement: &str, values: &str) -> Result<String, String> {
        let doubled = |opens: u32| {
            move |values: String| {
                values.replace(&format!(r#"\"opens\":{opens},"#), &format!(r#"\"opens\":{},"#, 2 * opens))
            }
        };
        let values = [2, 1].into_iter().fold(values.to_owned(), |values, opens| doubled(opens)(values));
        self.0.execute(statement, &values)
    }

    fn warn(&self, what: &str) {
        self.0.warn(what);
    }
}

fn without_revocation(answer: &str, instead: serde_json::Value) -> String {
    let revoked = json!({ "Err": Refusal::LinkRevoked }).to_string();
    if answer == revoked { json!({ "Ok": instead }).to_string() } else { answer.to_owned() }
}

fn with_others(worker: &Worker, answer: &str) -> String {
    let ours: Result<Vec<SessionRecord>, Refusal> = serde_json::from_str(answer).unwrap();
    let mut sessions = ours.unwrap();
    let click = Click::from_query("url=https://e.com", 600).unwrap();
    let account = worker.day.account.borrow();
    let others = account.sessions.iter().filter(|session| !session.is_ours());
    sessions.extend(others.map(|other| SessionRecord::new(other.id.as_str().into(), "ada".to_owned(), &click, 0)));
    serde_json::to_string(&Ok::<_, Refusal>(sessions)).unwrap()
}

fn all_marked(asked: &str) -> String {
    let MarkClosing { sessions } = serde_json::from_str(asked).unwrap();
    json!({ "Ok": sessions.iter().map(|mark| mark.session_id.as_str()).collect::<Vec<_>>() }).to_string()
}
