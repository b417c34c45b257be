//! All sessions of this server, open and ended, pure.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    lifecycle::{CloseReason, Lifecycle},
    limits::{Open, time_today_ms},
};
use crate::clock::Millis;

/// For how long ended sessions are listed.
const LISTED_FOR_MS: Millis = 3_600_000;

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
pub(crate) struct Registry {
    lifecycles: HashMap<Uuid, Lifecycle>,
}

impl Registry {
    pub(crate) fn add(&mut self, lifecycle: Lifecycle) {
        self.lifecycles.insert(lifecycle.id(), lifecycle);
    }

    /// A session that has not ended.
    ///
    /// # Errors
    /// When it has, or never was.
    pub(crate) fn open(&mut self, id: Uuid) -> Result<&mut Lifecycle, Gone> {
        let lifecycle = self.lifecycles.get_mut(&id).ok_or(Gone::Unknown)?;
        match lifecycle.ended() {
            None => Ok(lifecycle),
            Some(end) => Err(Gone::Ended(end.reason)),
        }
    }

    /// A session, ended or not.
    pub(crate) fn get(&self, id: Uuid) -> Option<&Lifecycle> {
        self.lifecycles.get(&id)
    }

    /// Newest first.
    pub(crate) fn newest(&self) -> Vec<&Lifecycle> {
        let mut lifecycles: Vec<_> = self.lifecycles.values().collect();
        lifecycles.sort_by_key(|lifecycle| (std::cmp::Reverse(lifecycle.started_at_ms()), lifecycle.id()));
        lifecycles
    }

    /// What the open sessions use.
    pub(crate) fn usage(&self, now_ms: Millis) -> Open {
        let open = || self.lifecycles.values().filter(|lifecycle| lifecycle.ended().is_none());
        Open {
            count: open().count(),
            used_today_ms: open().map(|lifecycle| time_today_ms(lifecycle.started_at_ms(), now_ms)).sum(),
            first_deadline_ms: open().map(Lifecycle::deadline_ms).min(),
        }
    }

    /// Ends the sessions that have expired, and says which these are.
    pub(crate) fn expire(&mut self, now_ms: Millis) -> Vec<Uuid> {
        let open = self.lifecycles.values_mut().filter(|lifecycle| lifecycle.ended().is_none());
        let expired = open.filter_map(|lifecycle| {
            lifecycle.expire(now_ms);
            lifecycle.ended().map(|_| lifecycle.id())
        });
        expired.collect()
    }

    /// Drops what ended long ago.
    pub(crate) fn forget(&mut self, now_ms: Millis) {
        self.lifecycles.retain(|_, lifecycle| {
            lifecycle.ended().is_none_or(|end| now_ms < end.at_ms.saturating_add(LISTED_FOR_MS))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(starts_ms: &[Millis]) -> (Registry, Vec<Uuid>) {
        let lifecycles: Vec<_> = starts_ms.iter().map(|start| Lifecycle::new(Uuid::new_v4(), 60_000, *start)).collect();
        let ids = lifecycles.iter().map(Lifecycle::id).collect();
        let mut registry = Registry::default();
        lifecycles.into_iter().for_each(|lifecycle| registry.add(lifecycle));
        (registry, ids)
    }

    #[test]
    fn a_session_is_unknown_open_ended_and_unknown_again() {
        let (mut registry, ids) = registry(&[0]);
        assert_eq!(registry.open(Uuid::new_v4()).unwrap_err(), Gone::Unknown);
        registry.open(ids[0]).unwrap().end(CloseReason::BrowserIdle, 10);
        assert_eq!(registry.open(ids[0]).unwrap_err(), Gone::Ended(CloseReason::BrowserIdle));
        registry.forget(10 + LISTED_FOR_MS - 1);
        assert!(registry.get(ids[0]).is_some());
        registry.forget(10 + LISTED_FOR_MS);
        assert_eq!(registry.open(ids[0]).unwrap_err(), Gone::Unknown);
    }

    #[test]
    fn an_open_session_is_never_forgotten() {
        let (mut registry, ids) = registry(&[0]);
        registry.forget(Millis::MAX);
        assert!(registry.open(ids[0]).is_ok());
    }

    #[test]
    fn open_sessions_use_time_and_ended_ones_do_not() {
        let (mut registry, ids) = registry(&[0, 1_000, 2_000]);
        registry.open(ids[0]).unwrap().end(CloseReason::NormalClosure, 3_000);
        let open = Open { count: 2, used_today_ms: 5_000 + 4_000, first_deadline_ms: Some(61_000) };
        assert_eq!(registry.usage(6_000), open);
    }

    #[test]
    fn sessions_are_ended_once_when_they_expire() {
        let (mut registry, ids) = registry(&[0, 1_000]);
        assert!(registry.expire(59_999).is_empty());
        assert_eq!(registry.expire(60_000), ids[..1]);
        assert_eq!(registry.expire(61_000), ids[1..]);
        assert!(registry.expire(61_000).is_empty());
    }

    #[test]
    fn sessions_are_listed_newest_first() {
        let (registry, ids) = registry(&[20, 30, 10]);
        let listed: Vec<_> = registry.newest().into_iter().map(Lifecycle::id).collect();
        assert_eq!(listed, [ids[1], ids[0], ids[2]]);
    }
}
