//! One session's life, pure: when it expires, who is connected, why it ended.

use browser_run_api::Session;
use uuid::Uuid;

use crate::clock::Millis;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseReason {
    /// Somebody closed it: `DELETE`, or `Browser.close` over CDP.
    NormalClosure,
    /// Nothing happened for its `keep_alive`.
    BrowserIdle,
    /// Chromium died.
    ChromiumCrashed,
    /// This server stops.
    SessionEvicted,
}

impl CloseReason {
    /// As a number: 1 and 2 are documented, the others are ours.
    fn code(self) -> u32 {
        match self {
            Self::NormalClosure => 1,
            Self::BrowserIdle => 2,
            Self::ChromiumCrashed => 3,
            Self::SessionEvicted => 4,
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NormalClosure => "NormalClosure",
            Self::BrowserIdle => "BrowserIdle",
            Self::ChromiumCrashed => "ChromiumCrashed",
            Self::SessionEvicted => "SessionEvicted",
        }
    }
}

/// A session from its start to its end and the time it is still listed after that.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    id: Uuid,
    keep_alive: Millis,
    started: Millis,
    updated: Millis,
    /// Open connections, oldest first.
    connections: Vec<(Uuid, Millis)>,
    last_connection: Option<Millis>,
    last_disconnection: Option<Millis>,
    ended: Option<(Millis, CloseReason)>,
}

impl Life {
    pub(crate) fn new(id: Uuid, keep_alive: Millis, now: Millis) -> Self {
        Self {
            id,
            keep_alive,
            started: now,
            updated: now,
            connections: Vec::new(),
            last_connection: None,
            last_disconnection: None,
            ended: None,
        }
    }

    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    pub(crate) fn started(&self) -> Millis {
        self.started
    }

    pub(crate) fn ended(&self) -> Option<(Millis, CloseReason)> {
        self.ended
    }

    /// When it will expire if nothing happens until then.
    pub(crate) fn deadline(&self) -> Millis {
        self.updated.saturating_add(self.keep_alive)
    }

    /// Something happened: its time starts anew.
    pub(crate) fn touch(&mut self, now: Millis) {
        if self.ended.is_none() {
            self.updated = now;
        }
    }

    pub(crate) fn connect(&mut self, connection: Uuid, now: Millis) {
        self.touch(now);
        self.connections.push((connection, now));
        self.last_connection = Some(now);
        self.last_disconnection = None;
    }

    pub(crate) fn disconnect(&mut self, connection: Uuid, now: Millis) {
        let before = self.connections.len();
        self.connections.retain(|(id, _)| *id != connection);
        if self.connections.len() < before {
            self.touch(now);
            if self.connections.is_empty() {
                self.last_disconnection = Some(now);
            }
        }
    }

    /// Ends it when its time has come.
    pub(crate) fn expire(&mut self, now: Millis) {
        if now >= self.deadline() {
            self.end(CloseReason::BrowserIdle, now);
        }
    }

    /// Ends it, with everybody's connection; the first reason stays.
    pub(crate) fn end(&mut self, reason: CloseReason, now: Millis) {
        if self.ended.is_some() {
            return;
        }
        if !self.connections.is_empty() {
            self.connections.clear();
            self.last_disconnection = Some(now);
        }
        self.updated = now;
        self.ended = Some((now, reason));
    }

    /// As `/session` shows it, without links.
    pub(crate) fn to_wire(&self) -> Session {
        let newest = self.connections.last();
        Session {
            session_id: self.id.to_string(),
            start_time: Some(self.started),
            end_time: self.ended.map(|(at, _)| at),
            last_updated: Some(self.updated),
            connection_id: newest.map(|(id, _)| id.to_string()),
            connection_start_time: newest.map(|(_, start)| *start).or(self.last_connection),
            connection_end_time: self.last_disconnection,
            close_reason: self.ended.map(|(_, reason)| reason.code()),
            close_reason_text: self.ended.map(|(_, reason)| reason.text().to_owned()),
            ..Session::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEEP_ALIVE: Millis = 60_000;

    #[test]
    fn a_session_expires_when_nothing_happened_for_its_keep_alive() {
        let mut life = Life::new(Uuid::new_v4(), KEEP_ALIVE, 0);
        life.touch(50_000);
        life.expire(109_999);
        assert_eq!(life.ended(), None);
        life.expire(110_000);
        assert_eq!(life.ended(), Some((110_000, CloseReason::BrowserIdle)));
    }

    #[test]
    fn the_first_reason_stays() {
        let mut life = Life::new(Uuid::new_v4(), KEEP_ALIVE, 0);
        life.end(CloseReason::NormalClosure, 5);
        life.end(CloseReason::ChromiumCrashed, 9);
        life.touch(10);
        let session = life.to_wire();
        assert_eq!((session.end_time, session.close_reason, session.last_updated), (Some(5), Some(1), Some(5)));
        assert_eq!(session.close_reason_text.as_deref(), Some("NormalClosure"));
    }

    #[test]
    fn a_session_is_connected_until_the_last_connection_ends() {
        let (mut life, first, second) = (Life::new(Uuid::new_v4(), KEEP_ALIVE, 0), Uuid::new_v4(), Uuid::new_v4());
        life.connect(first, 10);
        life.connect(second, 20);
        life.disconnect(second, 30);
        let session = life.to_wire();
        assert!(session.is_connected());
        assert_eq!((session.connection_id, session.connection_start_time), (Some(first.to_string()), Some(10)));
        life.disconnect(first, 40);
        let session = life.to_wire();
        assert!(!session.is_connected());
        assert_eq!((session.connection_id, session.connection_end_time), (None, Some(40)));
        life.connect(Uuid::new_v4(), 50);
        assert!(life.to_wire().is_connected(), "connected again");
    }

    #[derive(Debug, Clone)]
    enum Step {
        Touch,
        Connect(u8),
        Disconnect(u8),
        Expire,
        End,
    }

    fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
        let step = prop_oneof![
            4 => Just(Step::Touch),
            3 => (0..4u8).prop_map(Step::Connect),
            3 => (0..4u8).prop_map(Step::Disconnect),
            3 => Just(Step::Expire),
            1 => Just(Step::End),
        ];
        prop::collection::vec((0..KEEP_ALIVE * 2, step), 0..40)
    }

    proptest! {
        #[test]
        fn whatever_happens_a_record_makes_sense(steps in steps()) {
            let mut life = Life::new(Uuid::new_v4(), KEEP_ALIVE, 0);
            let mut now = 0;
            for (pause, step) in steps {
                now += pause;
                let (idle_ms, was) = (now - life.updated, life.ended());
                match step {
                    Step::Touch => life.touch(now),
                    Step::Connect(n) if was.is_none() => life.connect(Uuid::from_u128(n.into()), now),
                    Step::Connect(_) => {}
                    Step::Disconnect(n) => life.disconnect(Uuid::from_u128(n.into()), now),
                    Step::Expire => {
                        life.expire(now);
                        prop_assert_eq!(life.ended().is_some(), was.is_some() || idle_ms >= KEEP_ALIVE);
                    }
                    Step::End => life.end(CloseReason::NormalClosure, now),
                }
                prop_assert!(was.is_none() || life.ended() == was, "an end is final");
                let session = life.to_wire();
                prop_assert_eq!(session.is_connected(), !life.connections.is_empty());
                prop_assert_eq!(session.is_connected(), session.connection_id.is_some());
                prop_assert!(life.ended().is_none() || !session.is_connected(), "nobody is connected to the dead");
                prop_assert!(session.last_updated <= Some(now));
            }
        }
    }
}
