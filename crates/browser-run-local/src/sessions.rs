//! The sessions of this server: the rules of `life` and `ledger`, and one task with one Chromium for each.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::sync::oneshot;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    chromium::{Chromium, ChromiumError},
    clock::{Clock, Millis},
    devtools::DevTools,
    ledger::{Gone, Ledger},
    life::{CloseReason, Life},
};

/// Why there is no new session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AcquireError {
    #[error(transparent)]
    Chromium(#[from] ChromiumError),
    #[error("this server is stopping")]
    Stopping,
}

/// A session that was open when it was looked up.
#[derive(Debug, Clone)]
pub(crate) struct OpenSession {
    pub(crate) id: Uuid,
    pub(crate) devtools: DevTools,
    /// Cancelled when the session has ended in the ledger.
    pub(crate) ended: CancellationToken,
}

/// Every session, open and ended.
#[derive(Debug)]
pub(crate) struct Sessions {
    clock: Arc<Clock>,
    chromium: PathBuf,
    tmpdir: PathBuf,
    state: Mutex<State>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Debug, Default)]
struct State {
    ledger: Ledger,
    open: HashMap<Uuid, OpenSession>,
}

impl Sessions {
    pub(crate) fn new(clock: Arc<Clock>, chromium: PathBuf, tmpdir: PathBuf) -> Self {
        Self {
            clock,
            chromium,
            tmpdir,
            state: Mutex::default(),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Starts a browser, whose first page is there when this returns.
    pub(crate) async fn acquire(self: &Arc<Self>, keep_alive: Millis) -> Result<OpenSession, AcquireError> {
        if self.stopping.is_cancelled() {
            return Err(AcquireError::Stopping);
        }
        let (ready, started) = oneshot::channel();
        self.tasks.spawn(Arc::clone(self).live(keep_alive, ready));
        started.await.unwrap_or(Err(AcquireError::Stopping))
    }

    /// A session that is called: its time starts anew.
    pub(crate) fn open(&self, id: Uuid) -> Result<OpenSession, Gone> {
        let now = self.clock.now();
        let mut state = self.state();
        state.ledger.open(id)?.touch(now);
        Ok(state.open[&id].clone())
    }

    /// Something happened to a session: its time starts anew.
    fn touch(&self, id: Uuid) -> Result<(), Gone> {
        let now = self.clock.now();
        self.state().ledger.open(id).map(|life| life.touch(now))
    }

    /// Somebody connects; they are connected until the answer is dropped.
    pub(crate) fn connect(self: &Arc<Self>, id: Uuid) -> Result<Connection, Gone> {
        let connection = Uuid::new_v4();
        let now = self.clock.now();
        self.state().ledger.open(id)?.connect(connection, now);
        tracing::info!(session = %id, %connection, "connected");
        Ok(Connection { sessions: Arc::clone(self), session: id, id: connection })
    }

    /// Ends a session: nobody can use it from now on, its browser ends soon. The first reason stays.
    pub(crate) fn end(&self, id: Uuid, reason: CloseReason) -> Result<(), Gone> {
        let now = self.clock.now();
        let mut state = self.state();
        let result = state.ledger.open(id).map(|life| life.end(reason, now));
        if let Some(session) = state.open.remove(&id) {
            session.ended.cancel();
            let reason = state.ledger.get(id).and_then(Life::ended).map(|(_, reason)| reason.text());
            tracing::info!(session = %id, reason, "session ended");
        }
        result
    }

    /// What is known of a session, and the session itself while it is open.
    pub(crate) fn get(&self, id: Uuid) -> Option<(Life, Option<OpenSession>)> {
        let state = self.current();
        state.ledger.get(id).map(|life| (life.clone(), state.open.get(&id).cloned()))
    }

    /// All sessions, newest first.
    pub(crate) fn list(&self) -> Vec<(Life, Option<OpenSession>)> {
        let state = self.current();
        state.ledger.newest().into_iter().map(|life| (life.clone(), state.open.get(&life.id()).cloned())).collect()
    }

    /// Chromium of some open session that runs this version.
    pub(crate) fn running(&self, version: &str) -> Option<DevTools> {
        let state = self.state();
        state
            .open
            .values()
            .map(|session| &session.devtools)
            .find(|devtools| devtools.version_number() == version)
            .cloned()
    }

    /// Ends everything, and returns when nothing is left.
    pub(crate) async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// One session, from Chromium's start to its profile's end.
    async fn live(self: Arc<Self>, keep_alive: Millis, ready: oneshot::Sender<Result<OpenSession, AcquireError>>) {
        let mut chromium = match Chromium::start(&self.chromium, &self.tmpdir).await {
            Ok(chromium) => chromium,
            Err(error) => return drop(ready.send(Err(ChromiumError::Start(error).into()))),
        };
        let started = tokio::select! {
            started = with_first_page(&mut chromium) => started.map_err(AcquireError::Chromium),
            () = self.stopping.cancelled() => Err(AcquireError::Stopping),
        };
        match started {
            Err(error) => drop(ready.send(Err(error))),
            Ok(devtools) => {
                let session = self.add(devtools, keep_alive);
                // Nobody has its id when the caller has gone.
                let reason = match ready.send(Ok(session.clone())) {
                    Ok(()) => self.wait_for_end(&session, &mut chromium).await,
                    Err(_) => CloseReason::NormalClosure,
                };
                // It may have ended already, for a reason of its own.
                let _ = self.end(session.id, reason);
            }
        }
        chromium.stop().await;
    }

    fn add(&self, devtools: DevTools, keep_alive: Millis) -> OpenSession {
        let session = OpenSession { id: Uuid::new_v4(), devtools, ended: CancellationToken::new() };
        let mut state = self.state();
        state.ledger.add(Life::new(session.id, keep_alive, self.clock.now()));
        state.open.insert(session.id, session.clone());
        tracing::info!(session = %session.id, keep_alive, "session started");
        session
    }

    async fn wait_for_end(&self, session: &OpenSession, chromium: &mut Chromium) -> CloseReason {
        tokio::select! {
            () = session.ended.cancelled() => CloseReason::NormalClosure,
            () = self.idle(session.id) => CloseReason::BrowserIdle,
            () = self.stopping.cancelled() => CloseReason::SessionEvicted,
            // `Browser.close` is an orderly exit.
            exited = chromium.exited() => match exited {
                Ok(status) if status.success() => CloseReason::NormalClosure,
                _ => CloseReason::ChromiumCrashed,
            },
        }
    }

    /// Completes when nothing has happened to a session for its `keep_alive`: then it has ended.
    async fn idle(&self, id: Uuid) {
        while let Some(deadline) = self.expire(id) {
            self.clock.sleep_until(deadline).await;
        }
    }

    /// Ends a session whose time has come, else says when it will.
    fn expire(&self, id: Uuid) -> Option<Millis> {
        let now = self.clock.now();
        let mut state = self.state();
        let life = state.ledger.open(id).ok()?;
        life.expire(now);
        life.ended().is_none().then(|| life.deadline())
    }

    /// The state without what is to be forgotten by now.
    fn current(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.ledger.forget(self.clock.now());
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }
}

async fn with_first_page(chromium: &mut Chromium) -> Result<DevTools, ChromiumError> {
    let devtools = chromium.ready().await?;
    devtools.open("about:blank").await?;
    Ok(devtools)
}

/// Somebody is connected to a session while this lives.
#[derive(Debug)]
pub(crate) struct Connection {
    sessions: Arc<Sessions>,
    session: Uuid,
    id: Uuid,
}

impl Connection {
    /// A message went over it, either way.
    pub(crate) fn touch(&self) {
        // A message that crosses the session's end changes nothing.
        let _ = self.sessions.touch(self.session);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let now = self.sessions.clock.now();
        if let Ok(life) = self.sessions.state().ledger.open(self.session) {
            life.disconnect(self.id, now);
        }
        tracing::info!(session = %self.session, connection = %self.id, "disconnected");
    }
}
