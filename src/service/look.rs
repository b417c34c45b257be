//! What home asks Browser Run about open sessions: whether somebody is connected, and what their pages are called.

use super::App;
use super::at_once::at_once;
use crate::browser_run::Transport;
use crate::domain::{SessionId, SessionRecord, TargetId};
use crate::ledger::LedgerTransport;
use futures_util::future::join;
use std::cell::RefCell;

/// So many of the account's sessions are listed.
const MOST_LISTED: usize = 100;

/// What has been answered so far. What is not known is not there.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    connected: RefCell<Vec<SessionId>>,
    titles: RefCell<Vec<(TargetId, String)>>,
}

impl Seen {
    /// Whether somebody is connected, as far as it is known.
    pub(crate) fn is_connected(&self, session_id: &SessionId) -> bool {
        self.connected.borrow().contains(session_id)
    }

    /// What a tab's page is called.
    pub(crate) fn title(&self, target_id: &TargetId) -> Option<String> {
        let titles = self.titles.borrow();
        titles.iter().find(|(titled, _)| titled == target_id).map(|(_, title)| title.clone())
    }
}

impl<T: Transport, L: LedgerTransport> App<T, L> {
    /// Looks at sessions of ours: one call for all of them, and one more for each whose titles are asked for. What is answered is
    /// in `seen` at once, and what fails is not.
    pub(crate) async fn look(&self, sessions: &[SessionRecord], with_titles: bool, seen: &Seen) {
        let titled = sessions.iter().filter(|_| with_titles);
        let titles = at_once(titled.map(|session| self.look_at_titles(&session.session_id, seen)), |()| {});
        let listed = async {
            if !sessions.is_empty() {
                self.look_at_connections(seen).await;
            }
        };
        join(listed, titles).await;
    }

    async fn look_at_connections(&self, seen: &Seen) {
        let Ok(listed) = self.browser_run.sessions(MOST_LISTED, 0).await else { return };
        let connected = listed.into_iter().filter(|session| session.is_connected());
        seen.connected.borrow_mut().extend(connected.map(|session| session.session_id.as_str().into()));
    }

    async fn look_at_titles(&self, session_id: &SessionId, seen: &Seen) {
        let Ok(targets) = self.browser_run.targets(session_id).await else { return };
        let titled = targets.into_iter().filter(|target| !target.title.is_empty());
        seen.titles.borrow_mut().extend(titled.map(|target| (target.id.as_str().into(), target.title)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser_run::scripted::Scripted;
    use crate::domain::Caller;
    use crate::service::test_app::{TestApp, now};

    fn session(id: &str) -> SessionRecord {
        let click = crate::ledger::test_ledger::click(&Caller::known("ada"), "url=https://e.com").click;
        SessionRecord::new(id.into(), "ada".to_owned(), &click, 0)
    }

    #[test]
    fn what_is_answered_is_seen_and_what_fails_is_not() {
        let app = TestApp::new_for_test(
            Scripted::default()
                .answer("sessions", 200, r#"[{"sessionId":"s1","connectionStartTime":1},{"sessionId":"s2"}]"#)
                .answer("targets", 500, "")
                .answer("targets", 200, r#"[{"id":"T2","type":"page","title":"Two"},{"id":"T3"}]"#),
        );
        let seen = Seen::default();
        now(app.look(&[session("s1"), session("s2")], true, &seen));
        assert!(seen.is_connected(&"s1".into()) && !seen.is_connected(&"s2".into()));
        let titles = ["T1", "T2", "T3"].map(|id| seen.title(&id.into()));
        assert_eq!(titles, [None, Some("Two".to_owned()), None]);
    }

    #[test]
    fn without_sessions_nobody_is_asked_and_without_titles_once() {
        let script = || Scripted::default().answer("sessions", 503, "");
        let app = TestApp::new_for_test(script());
        now(app.look(&[], true, &Seen::default()));
        assert!(app.calls().is_empty());
        now(app.look(&[session("s1")], false, &Seen::default()));
        assert_eq!(app.calls(), ["GET /session?limit=100&offset=0"]);
    }
}
