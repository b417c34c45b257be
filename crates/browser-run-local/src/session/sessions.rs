//! The sessions of this server: the rules of `lifecycle` and `registry`, and one task with one Chromium for each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

pub(crate) use super::open_session::{KnownSession, OpenSession};
use super::{
    launcher::{Browser, LaunchError, Launcher},
    lifecycle::{CloseReason, End, Lifecycle},
    limits::{Account, Allowance, Limits, OverLimit},
    observer::{Observer, Watch},
    open_handoffs::OpenHandoffs,
    registry::{Gone, Registry},
    transfers::Transfers,
};
use crate::{
    chromium::{
        devtools::DevTools,
        flags::Launch,
        process::Chromium,
        processes::{self, Usage},
    },
    clock::{Clock, Millis, millis},
    guardrails::policy::Policy,
    recording::openings::{Opener, Openings},
    recording::recordings::{NoRrweb, RecordError, Recordings, ToRecord},
};

/// Why there is no new session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AcquireError {
    #[error(transparent)]
    OverLimit(#[from] OverLimit),
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error(transparent)]
    NoRrweb(#[from] NoRrweb),
    #[error("the session cannot be recorded")]
    Record(#[from] RecordError),
}

/// What a session is to be.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) keep_alive_ms: Millis,
    /// Its guardrails.
    pub(crate) policy: Option<Arc<Policy>>,
    /// Whether it is recorded.
    pub(crate) recording: bool,
}

/// Every session, open and ended.
#[derive(Debug)]
pub(crate) struct Sessions {
    clock: Arc<Clock>,
    launcher: Arc<Launcher>,
    recordings: Arc<Recordings>,
    state: Mutex<State>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Debug)]
struct State {
    account: Account,
    registry: Registry,
    open: HashMap<Uuid, OpenSession>,
}

impl Sessions {
    /// No session yet; browsers are kept warm from now on.
    pub(crate) fn start(
        clock: Arc<Clock>, launch: Launch, warm: usize, limits: Limits, recordings: Arc<Recordings>,
    ) -> Arc<Self> {
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let launcher = Arc::new(Launcher::new(launch, warm, stopping.clone()));
        if warm > 0 {
            tasks.spawn(Arc::clone(&launcher).keep_warm());
        }
        let state = State { account: Account::new(limits), registry: Registry::default(), open: HashMap::new() };
        Arc::new(Self { clock, launcher, recordings, state: Mutex::new(state), stopping, tasks })
    }

    /// Starts a browser, whose first page is there when this returns.
    ///
    /// # Errors
    /// When the account may not, Chromium does not start, or cannot be recorded and is to be.
    pub(crate) async fn acquire(self: &Arc<Self>, wanted: Wanted) -> Result<OpenSession, AcquireError> {
        if self.stopping.is_cancelled() {
            return Err(LaunchError::Stopping.into());
        }
        let recorder = if wanted.recording { Some(self.recordings.source().await?) } else { None };
        self.admit()?;
        let (ready, started) = oneshot::channel();
        self.tasks.spawn(Arc::clone(self).run(wanted, recorder, ready));
        started.await.unwrap_or(Err(LaunchError::Stopping.into()))
    }

    /// Asks the account whether there may be another browser.
    fn admit(&self) -> Result<(), OverLimit> {
        let now_ms = self.clock.now();
        let mut state = self.current();
        let open = state.registry.usage(now_ms);
        state.account.launch(open, now_ms)
    }

    /// What the account may use now; nothing is used by asking.
    pub(crate) fn allowance(&self) -> Allowance {
        let now_ms = self.clock.now();
        let state = self.current();
        state.account.allowance(state.registry.usage(now_ms), now_ms)
    }

    /// A session that is called: its time starts anew.
    ///
    /// # Errors
    /// When it has ended, or never was; so it is for all that take an id.
    pub(crate) fn open(&self, id: Uuid) -> Result<OpenSession, Gone> {
        let now_ms = self.clock.now();
        let mut state = self.current();
        state.registry.open(id)?.touch(now_ms);
        Ok(state.open[&id].clone())
    }

    /// Something happened to a session: its time starts anew.
    fn touch(&self, id: Uuid) -> Result<(), Gone> {
        let now_ms = self.clock.now();
        let mut state = self.state();
        state.registry.open(id)?.expire(now_ms);
        state.remove_ended(id);
        state.registry.open(id).map(|lifecycle| lifecycle.touch(now_ms))
    }

    /// Somebody connects; they are connected until the answer is dropped.
    pub(crate) fn connect(self: &Arc<Self>, id: Uuid) -> Result<Connection, Gone> {
        let connection = Uuid::new_v4();
        let now_ms = self.clock.now();
        let mut state = self.current();
        state.registry.open(id)?.connect(connection, now_ms);
        let all = state.open[&id].connections.clone();
        all.send_modify(|number| *number += 1);
        tracing::info!(session = %id, %connection, "connected");
        Ok(Connection { sessions: Arc::clone(self), session: id, id: connection, all })
    }

    /// Ends a session: nobody can use it from now on, its browser ends soon. The first reason stays.
    pub(crate) fn end(&self, id: Uuid, reason: CloseReason) -> Result<(), Gone> {
        let now_ms = self.clock.now();
        let mut state = self.current();
        let result = state.registry.open(id).map(|lifecycle| lifecycle.end(reason, now_ms));
        state.remove_ended(id);
        result
    }

    /// Kills a session's Chromium, as if it had crashed.
    pub(crate) fn crash(&self, id: Uuid) -> Result<(), Gone> {
        let mut state = self.current();
        state.registry.open(id)?;
        state.open[&id].crash.cancel();
        Ok(())
    }

    /// Waits for a session's end, but not for longer than this; an error says that it has ended.
    pub(crate) async fn wait_for_end_of(&self, id: Uuid, within: Duration) -> Result<(), Gone> {
        let session = self.state().open.get(&id).cloned();
        if let Some(session) = session {
            let _ = timeout(within, session.ended.cancelled()).await;
        }
        self.current().registry.open(id).map(drop)
    }

    /// A session, open or ended.
    pub(crate) fn get(&self, id: Uuid) -> Option<KnownSession> {
        let state = self.current();
        state.registry.get(id).map(|lifecycle| state.known(lifecycle))
    }

    /// All sessions, newest first.
    pub(crate) fn list(&self) -> Vec<KnownSession> {
        let state = self.current();
        state.registry.newest().into_iter().map(|lifecycle| state.known(lifecycle)).collect()
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

    /// How many browsers are kept warm.
    pub(crate) fn warm(&self) -> usize {
        self.launcher.warm_count()
    }

    /// One session, from its browser's launch to its profile's end.
    async fn run(
        self: Arc<Self>, wanted: Wanted, recorder: Option<Arc<str>>,
        ready: oneshot::Sender<Result<OpenSession, AcquireError>>,
    ) {
        let asked = Instant::now();
        let mut browser = match self.launcher.browser(wanted.policy.as_ref()).await {
            Ok(browser) => browser,
            Err(error) => {
                self.state().account.launched();
                return drop(ready.send(Err(error.into())));
            }
        };
        let (opener, openings) = Opener::new();
        let session = self.add(&browser, wanted, opener);
        tracing::info!(session = %session.id, ms = millis(asked.elapsed()), "session started");
        let (started, recording) = match self.record(&session, &browser.chromium, recorder, openings).await {
            Ok(recording) => (Ok(session.clone()), recording),
            Err(error) => (Err(error.into()), None),
        };
        let is_started = started.is_ok();
        // Nobody has its id when the caller has gone.
        let reason = match ready.send(started) {
            Ok(()) if is_started => self.wait_for_end(&session, &mut browser.chromium).await,
            _ => CloseReason::NormalClosure,
        };
        // It may have ended already, for a reason of its own.
        let _ = self.end(session.id, reason);
        if let Some(recording) = recording {
            // It ends by itself, whatever it meets.
            let _ = recording.await;
        }
        let group = browser.chromium.group();
        let Usage { processes, memory_bytes } = processes::measure(vec![group]).await.of(&[group]);
        tracing::info!(session = %session.id, processes, memory_bytes, "browser stops");
        browser.chromium.stop().await;
    }

    /// Records a session until its end, if it is to be: by this script, which runs in each of its documents.
    async fn record(
        &self, session: &OpenSession, chromium: &Chromium, script: Option<Arc<str>>, openings: Openings,
    ) -> Result<Option<JoinHandle<()>>, RecordError> {
        let Some(script) = script else { return Ok(None) };
        let started_at_ms = self.state().registry.get(session.id).map_or(0, Lifecycle::started_at_ms);
        let to_record = ToRecord {
            session: session.id,
            pipe: chromium.pipe()?,
            browser: session.devtools.version().browser.clone(),
            started_at_ms,
            openings,
            ended: session.ended.clone(),
        };
        self.recordings.record(script, to_record).await.map(Some)
    }

    fn add(&self, browser: &Browser, wanted: Wanted, opener: Opener) -> OpenSession {
        let (observer, watch) = Observer::new();
        let ended = CancellationToken::new();
        let session = OpenSession {
            id: Uuid::new_v4(),
            devtools: browser.devtools.clone(),
            policy: wanted.policy,
            recording: wanted.recording.then_some(opener),
            group: browser.chromium.group(),
            connections: watch::Sender::default(),
            observer,
            transfers: Arc::new(Transfers::below(browser.chromium.profile())),
            handoffs: OpenHandoffs::new(Arc::clone(&self.clock), ended.clone()),
            crash: CancellationToken::new(),
            ended,
        };
        let mut state = self.state();
        state.account.launched();
        state.registry.add(Lifecycle::new(session.id, wanted.keep_alive_ms, self.clock.now()));
        state.open.insert(session.id, session.clone());
        self.tasks.spawn(observe(session.clone(), watch));
        session
    }

    async fn wait_for_end(&self, session: &OpenSession, chromium: &mut Chromium) -> CloseReason {
        tokio::select! {
            () = session.ended.cancelled() => CloseReason::NormalClosure,
            () = self.idle(session.id) => CloseReason::BrowserIdle,
            () = self.stopping.cancelled() => CloseReason::SessionEvicted,
            () = session.crash.cancelled() => CloseReason::ChromiumCrashed,
            // `Browser.close` is an orderly exit.
            exited = chromium.exited() => match exited {
                Ok(status) if status.success() => CloseReason::NormalClosure,
                _ => CloseReason::ChromiumCrashed,
            },
        }
    }

    /// Completes when nothing has happened to a session for its `keep_alive`: then it has ended.
    async fn idle(&self, id: Uuid) {
        while let Some(deadline_ms) = self.expire(id) {
            self.clock.sleep_until(deadline_ms).await;
        }
    }

    /// Ends a session that has expired, else says when it will.
    fn expire(&self, id: Uuid) -> Option<Millis> {
        let now_ms = self.clock.now();
        let mut state = self.state();
        let lifecycle = state.registry.open(id).ok()?;
        lifecycle.expire(now_ms);
        let deadline_ms = lifecycle.ended().is_none().then(|| lifecycle.deadline_ms());
        state.remove_ended(id);
        deadline_ms
    }

    /// The state as of now: without what is to be forgotten, and with those ended that have expired.
    fn current(&self) -> MutexGuard<'_, State> {
        let now_ms = self.clock.now();
        let mut state = self.state();
        for id in state.registry.expire(now_ms) {
            state.remove_ended(id);
        }
        state.registry.forget(now_ms);
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }
}

/// Watches a session's pages until it ends.
async fn observe(session: OpenSession, watch: Watch) {
    let watching = watch.run(session.devtools.browser_socket(), session.transfers.downloads(), &session.handoffs);
    if let Some(Err(error)) = session.ended.run_until_cancelled(watching).await {
        tracing::warn!(session = %session.id, %error, "its pages are not watched any more");
    }
}

impl State {
    fn known(&self, lifecycle: &Lifecycle) -> KnownSession {
        KnownSession { lifecycle: lifecycle.clone(), open: self.open.get(&lifecycle.id()).cloned() }
    }

    /// Takes a session that has ended from those that are open.
    fn remove_ended(&mut self, id: Uuid) {
        let Some(lifecycle) = self.registry.get(id) else { return };
        let Some(End { at_ms, reason }) = lifecycle.ended() else { return };
        let started_at_ms = lifecycle.started_at_ms();
        if let Some(session) = self.open.remove(&id) {
            self.account.spend(started_at_ms, at_ms);
            // Before its connections are closed.
            session.handoffs.end(reason.text());
            session.ended.cancel();
            tracing::info!(session = %id, reason = reason.text(), duration_ms = at_ms - started_at_ms, "session ended");
        }
    }
}

/// Somebody is connected to a session while this lives.
#[derive(Debug)]
pub(crate) struct Connection {
    sessions: Arc<Sessions>,
    session: Uuid,
    id: Uuid,
    /// How many there are to the session.
    all: watch::Sender<usize>,
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
        let now_ms = self.sessions.clock.now();
        if let Ok(lifecycle) = self.sessions.state().registry.open(self.session) {
            lifecycle.disconnect(self.id, now_ms);
        }
        self.all.send_modify(|number| *number -= 1);
        tracing::info!(session = %self.session, connection = %self.id, "disconnected");
    }
}
