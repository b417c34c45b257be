//! Planted faults: what the Worker could do wrong, done at its edges, to see that it is found.

use crate::ledger::{Database, TestDatabase};

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
