//! All sessions of this server, open and ended, pure.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    clock::Millis,
    life::{CloseReason, Life},
    limits::{Open, today},
};

/// Ended sessions are listed for an hour.
const REMEMBERED: Millis = 3_600_000;

/// A session that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Gone {
    #[error("Session not found")]
    Unknown,
    #[error("Session has ended: {}", .0.text())]
    Ended(CloseReason),
}

/// Every session by its id.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    lives: HashMap<Uuid, Life>,
}

impl Ledger {
    pub(crate) fn add(&mut self, life: Life) {
        self.lives.insert(life.id(), life);
    }

    /// A session that has not ended.
    pub(crate) fn open(&mut self, id: Uuid) -> Result<&mut Life, Gone> {
        let life = self.lives.get_mut(&id).ok_or(Gone::Unknown)?;
        match life.ended() {
            None => Ok(life),
            Some((_, reason)) => Err(Gone::Ended(reason)),
        }
    }

    /// A session, ended or not.
    pub(crate) fn get(&self, id: Uuid) -> Option<&Life> {
        self.lives.get(&id)
    }

    /// Newest first.
    pub(crate) fn newest(&self) -> Vec<&Life> {
        let mut lives: Vec<_> = self.lives.values().collect();
        lives.sort_by_key(|life| (std::cmp::Reverse(life.started()), life.id()));
        lives
    }

    /// What the open sessions use.
    pub(crate) fn usage(&self, now: Millis) -> Open {
        let open = || self.lives.values().filter(|life| life.ended().is_none());
        Open {
            count: open().count(),
            used_today: open().map(|life| today(life.started(), now)).sum(),
            first_deadline: open().map(Life::deadline).min(),
        }
    }

    /// Ends the sessions whose time has come, and answers which.
    pub(crate) fn expire(&mut self, now: Millis) -> Vec<Uuid> {
        let open = self.lives.values_mut().filter(|life| life.ended().is_none());
        let expired = open.filter_map(|life| {
            life.expire(now);
            life.ended().map(|_| life.id())
        });
        expired.collect()
    }

    /// Drops what ended long ago.
    pub(crate) fn forget(&mut self, now: Millis) {
        self.lives.retain(|_, life| life.ended().is_none_or(|(at, _)| now < at.saturating_add(REMEMBERED)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(starts: &[Millis]) -> (Ledger, Vec<Uuid>) {
        let lives: Vec<_> = starts.iter().map(|start| Life::new(Uuid::new_v4(), 60_000, *start)).collect();
        let ids = lives.iter().map(Life::id).collect();
        let mut ledger = Ledger::default();
        lives.into_iter().for_each(|life| ledger.add(life));
        (ledger, ids)
    }

    #[test]
    fn a_session_is_unknown_open_ended_and_unknown_again() {
        let (mut ledger, ids) = ledger(&[0]);
        assert_eq!(ledger.open(Uuid::new_v4()).unwrap_err(), Gone::Unknown);
        ledger.open(ids[0]).unwrap().end(CloseReason::BrowserIdle, 10);
        assert_eq!(ledger.open(ids[0]).unwrap_err(), Gone::Ended(CloseReason::BrowserIdle));
        ledger.forget(10 + REMEMBERED - 1);
        assert!(ledger.get(ids[0]).is_some());
        ledger.forget(10 + REMEMBERED);
        assert_eq!(ledger.open(ids[0]).unwrap_err(), Gone::Unknown);
    }

    #[test]
    fn an_open_session_is_never_forgotten() {
        let (mut ledger, ids) = ledger(&[0]);
        ledger.forget(Millis::MAX);
        assert!(ledger.open(ids[0]).is_ok());
    }

    #[test]
    fn open_sessions_use_time_and_ended_ones_do_not() {
        let (mut ledger, ids) = ledger(&[0, 1_000, 2_000]);
        ledger.open(ids[0]).unwrap().end(CloseReason::NormalClosure, 3_000);
        let open = Open { count: 2, used_today: 5_000 + 4_000, first_deadline: Some(61_000) };
        assert_eq!(ledger.usage(6_000), open);
    }

    #[test]
    fn sessions_whose_time_has_come_are_ended_once() {
        let (mut ledger, ids) = ledger(&[0, 1_000]);
        assert!(ledger.expire(59_999).is_empty());
        assert_eq!(ledger.expire(60_000), ids[..1]);
        assert_eq!(ledger.expire(61_000), ids[1..]);
        assert!(ledger.expire(61_000).is_empty());
    }

    #[test]
    fn sessions_are_listed_newest_first() {
        let (ledger, ids) = ledger(&[20, 30, 10]);
        let listed: Vec<_> = ledger.newest().into_iter().map(Life::id).collect();
        assert_eq!(listed, [ids[1], ids[0], ids[2]]);
    }
}
