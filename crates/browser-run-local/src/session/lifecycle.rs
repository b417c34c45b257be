//! One session's lifecycle, pure: when it expires, who is connected, when and why it ended.

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
pub(crate) struct Lifecycle {
    id: Uuid,
    keep_alive_ms: Millis,
    started_at_ms: Millis,
    updated_at_ms: Millis,
    /// Open connections, oldest first.
    connections: Vec<OpenConnection>,
    last_connection_at_ms: Option<Millis>,
    last_disconnection_at_ms: Option<Millis>,
    end: Option<End>,
}

/// Somebody who is connected.
#[derive(Debug, Clone)]
struct OpenConnection {
    id: Uuid,
    started_at_ms: Millis,
}

/// When and why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) at_ms: Millis,
    pub(crate) reason: CloseReason,
}

impl Lifecycle {
    pub(crate) fn new(id: Uuid, keep_alive_ms: Millis, now_ms: Millis) -> Self {
        Self {
            id,
            keep_alive_ms,
            started_at_ms: now_ms,
            updated_at_ms: now_ms,
            connections: Vec::new(),
            last_connection_at_ms: None,
            last_disconnection_at_ms: None,
            end: None,
        }
    }

    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    pub(crate) fn started_at_ms(&self) -> Millis {
        self.started_at_ms
    }

    /// Its end, if it has ended.
    pub(crate) fn ended(&self) -> Option<End> {
        self.end
    }

    /// When it will expire if nothing happens until then.
    pub(crate) fn deadline_ms(&self) -> Millis {
        self.updated_at_ms.saturating_add(self.keep_alive_ms)
    }

    /// Something happened: its time starts anew.
    pub(crate) fn touch(&mut self, now_ms: Millis) {
        if self.end.is_none() {
            self.updated_at_ms = now_ms;
        }
    }

    pub(crate) fn connect(&mut self, connection: Uuid, now_ms: Millis) {
        self.touch(now_ms);
        self.connections.push(OpenConnection { id: connection, started_at_ms: now_ms });
        self.last_connection_at_ms = Some(now_ms);
        self.last_disconnection_at_ms = None;
    }

    pub(crate) fn disconnect(&mut self, connection: Uuid, now_ms: Millis) {
        let before = self.connections.len();
        self.connections.retain(|open| open.id != connection);
        if self.connections.len() < before {
            self.touch(now_ms);
            if self.connections.is_empty() {
                self.last_disconnection_at_ms = Some(now_ms);
            }
        }
    }

    /// Ends it when its time has come.
    pub(crate) fn expire(&mut self, now_ms: Millis) {
        if now_ms >= self.deadline_ms() {
            self.end(CloseReason::BrowserIdle, now_ms);
        }
    }

    /// Ends it, with everybody's connection; the first reason stays.
    pub(crate) fn end(&mut self, reason: CloseReason, now_ms: Millis) {
        if self.end.is_some() {
            return;
        }
        if !self.connections.is_empty() {
            self.connections.clear();
            self.last_disconnection_at_ms = Some(now_ms);
        }
        self.updated_at_ms = now_ms;
        self.end = Some(End { at_ms: now_ms, reason });
    }

    /// As `/session` shows it, without links.
    pub(crate) fn to_wire(&self) -> Session {
        let newest = self.connections.last();
        Session {
            session_id: self.id.to_string(),
            start_time: Some(self.started_at_ms),
            end_time: self.end.map(|end| end.at_ms),
            last_updated: Some(self.updated_at_ms),
            connection_id: newest.map(|open| open.id.to_string()),
            connection_start_time: newest.map(|open| open.started_at_ms).or(self.last_connection_at_ms),
            connection_end_time: self.last_disconnection_at_ms,
            close_reason: self.end.map(|end| end.reason.code()),
            close_reason_text: self.end.map(|end| end.reason.text().to_owned()),
            ..Session::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEEP_ALIVE_MS: Millis = 60_000;

    #[test]
    fn a_session_expires_when_nothing_happened_for_its_keep_alive() {
        let mut lifecycle = Lifecycle::new(Uuid::new_v4(), KEEP_ALIVE_MS, 0);
        lifecycle.touch(50_000);
        lifecycle.expire(109_999);
        assert_eq!(lifecycle.ended(), None);
        lifecycle.expire(110_000);
        assert_eq!(lifecycle.ended(), Some(End { at_ms: 110_000, reason: CloseReason::BrowserIdle }));
    }

    #[test]
    fn the_first_reason_of_an_end_stays() {
        let mut lifecycle = Lifecycle::new(Uuid::new_v4(), KEEP_ALIVE_MS, 0);
        lifecycle.end(CloseReason::NormalClosure, 5);
        lifecycle.end(CloseReason::ChromiumCrashed, 9);
        lifecycle.touch(10);
        let session = lifecycle.to_wire();
        assert_eq!((session.end_time, session.close_reason, session.last_updated), (Some(5), Some(1), Some(5)));
        assert_eq!(session.close_reason_text.as_deref(), Some("NormalClosure"));
    }

    #[test]
    fn a_session_is_connected_until_the_last_connection_ends() {
        let (mut lifecycle, first, second) =
            (Lifecycle::new(Uuid::new_v4(), KEEP_ALIVE_MS, 0), Uuid::new_v4(), Uuid::new_v4());
        lifecycle.connect(first, 10);
        lifecycle.connect(second, 20);
        lifecycle.disconnect(second, 30);
        let session = lifecycle.to_wire();
        assert!(session.is_connected());
        assert_eq!((session.connection_id, session.connection_start_time), (Some(first.to_string()), Some(10)));
        lifecycle.disconnect(first, 40);
        let session = lifecycle.to_wire();
        assert!(!session.is_connected());
        assert_eq!((session.connection_id, session.connection_end_time), (None, Some(40)));
        lifecycle.connect(Uuid::new_v4(), 50);
        assert!(lifecycle.to_wire().is_connected(), "connected again");
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
        prop::collection::vec((0..KEEP_ALIVE_MS * 2, step), 0..40)
    }

    proptest! {
        #[test]
        fn a_record_makes_sense_whatever_happens(steps in steps()) {
            let mut lifecycle = Lifecycle::new(Uuid::new_v4(), KEEP_ALIVE_MS, 0);
            let mut now_ms = 0;
            for (pause, step) in steps {
                now_ms += pause;
                let (idle_ms, was) = (now_ms - lifecycle.updated_at_ms, lifecycle.ended());
                match step {
                    Step::Touch => lifecycle.touch(now_ms),
                    Step::Connect(n) if was.is_none() => lifecycle.connect(Uuid::from_u128(n.into()), now_ms),
                    Step::Connect(_) => {}
                    Step::Disconnect(n) => lifecycle.disconnect(Uuid::from_u128(n.into()), now_ms),
                    Step::Expire => {
                        lifecycle.expire(now_ms);
                        prop_assert_eq!(lifecycle.ended().is_some(), was.is_some() || idle_ms >= KEEP_ALIVE_MS);
                    }
                    Step::End => lifecycle.end(CloseReason::NormalClosure, now_ms),
                }
                prop_assert!(was.is_none() || lifecycle.ended() == was, "an end is final");
                let session = lifecycle.to_wire();
                prop_assert_eq!(session.is_connected(), !lifecycle.connections.is_empty());
                prop_assert_eq!(session.is_connected(), session.connection_id.is_some());
                prop_assert!(lifecycle.ended().is_none() || !session.is_connected(), "nobody is connected to what has ended");
                prop_assert!(session.last_updated <= Some(now_ms));
            }
        }
    }
}
