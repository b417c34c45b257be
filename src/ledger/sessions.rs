//! The sessions in memory: found by their id and by whose they are, and which of them differ from what is stored.

use crate::domain::{SessionId, SessionRecord, State};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;

/// In the same order for the same history: a bad day can be had again. (A `BTreeMap` is six times the bytes.)
type Map<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// Sessions that have not ended, or whose end is not saved yet.
#[derive(Default)]
pub(super) struct Sessions {
    by_id: Map<SessionId, SessionRecord>,
    /// Every session of `by_id` that no signed link opened, below its caller: a click asks how many there are, and may be one
    /// of thousands that are nobody's in particular.
    own: Map<String, Vec<SessionId>>,
    /// What is to be saved: never more than one command changes.
    changed: Vec<(SessionId, Stored)>,
}

/// How much of a session that has changed is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// Nothing, or another session of its id.
    Nothing,
    /// A record in this state.
    InState(State),
}

impl Sessions {
    /// As they are stored.
    pub(super) fn new(stored: Vec<SessionRecord>) -> Self {
        let mut sessions = Self::default();
        stored.into_iter().for_each(|session| sessions.put(session));
        sessions
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &SessionRecord> {
        self.by_id.values()
    }

    /// Those that a caller opened by clicks of their own.
    pub(super) fn own(&self, caller: &str) -> impl Iterator<Item = &SessionRecord> {
        self.own.get(caller).into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    /// How many they are.
    pub(super) fn count_own(&self, caller: &str) -> usize {
        self.own.get(caller).map_or(0, Vec::len)
    }

    pub(super) fn get(&self, id: &SessionId) -> Option<&SessionRecord> {
        self.by_id.get(id)
    }

    /// A session that is going to be changed: all of it but its id, whose it is, and its signed link.
    pub(super) fn get_mut(&mut self, id: &SessionId) -> Option<&mut SessionRecord> {
        let session = self.by_id.get_mut(id)?;
        if !self.changed.iter().any(|(changed, _)| changed == id) {
            self.changed.push((id.clone(), Stored::InState(session.state)));
        }
        Some(session)
    }

    /// The same, but its state, of a change that is saved with the next one.
    pub(super) fn get_mut_unsaved(&mut self, id: &SessionId) -> Option<&mut SessionRecord> {
        self.by_id.get_mut(id)
    }

    pub(super) fn insert(&mut self, session: SessionRecord) {
        self.changed.retain(|(changed, _)| *changed != session.session_id);
        self.changed.push((session.session_id.clone(), Stored::Nothing));
        self.put(session);
    }

    pub(super) fn remove(&mut self, id: &SessionId) {
        let Some(session) = self.by_id.remove(id) else { return };
        if let Some(ids) = self.own.get_mut(&session.caller) {
            ids.retain(|own| own != id);
            if ids.is_empty() {
                self.own.remove(&session.caller);
            }
        }
    }

    /// What has to be saved, from here on the asker's to do.
    pub(super) fn take_changed(&mut self) -> Vec<(SessionId, Stored)> {
        std::mem::take(&mut self.changed)
    }

    fn put(&mut self, session: SessionRecord) {
        self.remove(&session.session_id);
        if session.signed_link_id.is_none() {
            self.own.entry(session.caller.clone()).or_default().push(session.session_id.clone());
        }
        self.by_id.insert(session.session_id.clone(), session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Click, Defaults};

    fn session(id: &str, caller: &str) -> SessionRecord {
        let click = Click::from_query("url=https://e.com", Defaults::for_tests()).unwrap();
        SessionRecord::new(id.into(), caller.to_owned(), &click, 0)
    }

    fn ids(sessions: &Sessions, caller: &str) -> Vec<String> {
        sessions.own(caller).map(|session| session.session_id.as_str().to_owned()).collect()
    }

    #[test]
    fn sessions_are_found_by_their_caller_until_they_are_removed() {
        let mut sessions = Sessions::new(vec![session("s1", "ada"), session("s2", "bob")]);
        sessions.insert(session("s3", "ada"));
        let mut of_link = session("s4", "ada");
        of_link.signed_link_id = Some("l1".into());
        sessions.insert(of_link);
        assert_eq!((sessions.count_own("ada"), sessions.count_own("eve")), (2, 0));
        assert_eq!((ids(&sessions, "ada"), ids(&sessions, "bob")), (vec!["s1".into(), "s3".into()], vec!["s2".into()]));
        sessions.remove(&"s1".into());
        sessions.remove(&"s2".into());
        assert_eq!((ids(&sessions, "ada"), ids(&sessions, "bob")), (vec!["s3".into()], vec![]));
        assert!(!sessions.own.contains_key("bob"), "who has none takes no room");
    }

    #[test]
    fn sessions_that_come_again_are_their_last_callers() {
        let mut sessions = Sessions::new(vec![session("s1", "ada")]);
        sessions.insert(session("s1", "bob"));
        assert_eq!((ids(&sessions, "ada"), ids(&sessions, "bob")), (vec![], vec!["s1".into()]));
    }

    #[test]
    fn changes_say_in_which_state_a_session_is_stored() {
        let mut sessions = Sessions::new(vec![session("s1", "ada")]);
        sessions.get_mut(&"s1".into()).unwrap().state = State::Closing;
        sessions.get_mut(&"s1".into()).unwrap().close_attempts = 1;
        sessions.insert(session("s2", "ada"));
        sessions.get_mut(&"s2".into()).unwrap().state = State::Closing;
        let changed: Vec<_> = sessions.take_changed().into_iter().map(|(_, stored)| stored).collect();
        assert_eq!(changed, [Stored::InState(State::Open), Stored::Nothing]);
        assert!(sessions.take_changed().is_empty());
    }
}
