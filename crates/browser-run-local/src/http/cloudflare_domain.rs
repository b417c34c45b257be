//! Browser Run's own commands in CDP, `Cloudflare.*`, carried out for one connection.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use browser_run_api::{LiveViewMode, LiveViewRequest, Target};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{
    sync::{
        Mutex as AsyncMutex,
        broadcast::{self, error::RecvError},
    },
    time::timeout,
};
use uuid::Uuid;

use super::{
    app::App,
    error::Error,
    routes::live_view::{self, first_page},
};
use crate::{
    cdp::{
        attached::Attached,
        cloudflare::{self, Call, Command, CommandError, CompleteParams, HandoffParams, LiveViewParams},
        hidden::Hidden,
        proxy::Extension,
    },
    chromium::devtools::DevToolsError,
    session::{
        handoffs::{Completion, Handoff, Outcome},
        sessions::OpenSession,
    },
};

/// How long it may take from a connection's end until it is known whether its page has ended, or the session.
const ENDED_WITHIN: Duration = Duration::from_secs(20);

/// The domain on one connection.
pub(super) struct CloudflareDomain {
    app: Arc<App>,
    /// This server, as the client calls it.
    host: String,
    session: OpenSession,
    attached: Mutex<Attached>,
    /// What this connection does not see of the recorder, where there is one.
    hidden: Option<Mutex<Hidden>>,
    /// The handoffs that this connection has asked for, with the CDP session of each.
    asked: Mutex<Vec<(Uuid, Option<String>)>>,
    completions: AsyncMutex<broadcast::Receiver<Completion>>,
}

impl CloudflareDomain {
    /// `page` is the connection's own target, if it is a page's.
    pub(super) fn new(app: Arc<App>, host: String, session: OpenSession, page: Option<String>) -> Self {
        let completions = AsyncMutex::new(session.handoffs.completions());
        let hidden = session.recording.as_ref().map(|_| Mutex::default());
        let attached = Mutex::new(Attached::of(page));
        Self { app, host, session, attached, hidden, asked: Mutex::default(), completions }
    }

    async fn carry_out(&self, call: &Call) -> Result<Value, CommandError> {
        let session = call.session.as_deref();
        if session.is_some_and(|session| !self.attached().has(session)) {
            return Err(CommandError::no_such_session());
        }
        match call.command.clone()? {
            Command::GetSessionId => Ok(json!({"sessionId": self.session.id})),
            Command::GetLiveView(params) => self.live_view(session, params).await,
            Command::Handoff(params) => self.hand_off(session, params).await,
            Command::HandoffComplete(params) => self.complete(session, params).await,
            Command::GetHandoffState(params) => {
                let target = self.target(session, params.target_id).await?;
                Ok(value(self.session.handoffs.state(&target.id)))
            }
        }
    }

    async fn live_view(&self, session: Option<&str>, params: LiveViewParams) -> Result<Value, CommandError> {
        let target = self.target(session, params.target_id).await?;
        let wanted = LiveViewRequest {
            // Documented as both: a person who is handed a page is to see the page.
            mode: Some(params.mode.unwrap_or(LiveViewMode::Tab)),
            expires_in_ms: params.expires_in_ms,
            ..LiveViewRequest::default()
        };
        let view = live_view::make(&self.app, &self.host, self.session.id, target.id, wanted);
        view.map(value).map_err(|error| match error {
            Error::BadRequest(message) => CommandError::invalid(message),
            error => CommandError::refused(error.to_string()),
        })
    }

    async fn hand_off(&self, session: Option<&str>, mut params: HandoffParams) -> Result<Value, CommandError> {
        let target = self.target(session, params.target_id.take()).await?;
        let handoff = self.session.handoffs.start(target.id, params);
        let handoff = handoff.map_err(|error| CommandError::refused(error.to_string()))?;
        tracing::info!(session = %self.session.id, handoff = %handoff.handoff_id, "somebody is asked to help");
        self.asked().push((handoff.handoff_id, session.map(str::to_owned)));
        // It may have closed before there was a handoff to fail.
        if matches!(self.session.devtools.target(&handoff.target_id).await, Err(DevToolsError::NoSuchTarget)) {
            self.session.handoffs.page_closed(&handoff.target_id);
        }
        Ok(json!({"targetId": handoff.target_id, "handoffId": handoff.handoff_id}))
    }

    async fn complete(&self, session: Option<&str>, params: CompleteParams) -> Result<Value, CommandError> {
        let target = self.target(session, params.target_id).await?;
        let outcome = Outcome { success: params.success.unwrap_or(true), reason: params.reason };
        let none = |Outcome { success, reason }| Completion {
            target_id: target.id.clone(),
            handoff_id: None,
            instructions: None,
            success,
            reason,
        };
        let completion = self.session.handoffs.complete(&target.id, outcome.clone());
        Ok(value(completion.unwrap_or_else(|| none(outcome))))
    }

    /// The target that is meant: the one that is named, the session's own, or the browser's first page.
    async fn target(&self, session: Option<&str>, named: Option<String>) -> Result<Target, CommandError> {
        let own = self.attached().target(session).map(str::to_owned);
        let found = match named.or(own) {
            Some(id) => self.session.devtools.target(&id).await,
            None => first_page(&self.session).await,
        };
        found.map_err(|error| match error {
            DevToolsError::NoSuchTarget => CommandError::refused("No target with given id found"),
            error => CommandError::refused(error.to_string()),
        })
    }

    /// `Cloudflare.handoffComplete` for each session that is attached to the target, and for the one that has asked.
    fn told(&self, completion: &Completion) -> Vec<String> {
        let mut sessions = self.attached().sessions(&completion.target_id);
        let mut asked = self.asked();
        if let Some(index) = asked.iter().position(|(id, _)| Some(*id) == completion.handoff_id) {
            let (_, session) = asked.remove(index);
            if !sessions.contains(&session) {
                sessions.push(session);
            }
        }
        let params = value(completion);
        sessions.iter().map(|session| cloudflare::handoff_complete(&params, session.as_deref())).collect()
    }

    /// What has been completed, and not been told yet.
    fn waiting_events(&self) -> Vec<String> {
        let Ok(mut completions) = self.completions.try_lock() else { return Vec::new() };
        std::iter::from_fn(|| completions.try_recv().ok()).flat_map(|completion| self.told(&completion)).collect()
    }

    /// Whether the client waits for the end of a handoff that ends with this connection's target.
    fn waits_for(&self, handoff: &Handoff) -> bool {
        let is_attached = !self.attached().sessions(&handoff.target_id).is_empty();
        let has_asked = || self.asked().iter().any(|(id, _)| *id == handoff.handoff_id);
        is_attached || (self.attached().target(None).is_none() && has_asked())
    }

    fn attached(&self) -> MutexGuard<'_, Attached> {
        self.attached.lock().expect("nobody panics while holding it")
    }

    fn asked(&self) -> MutexGuard<'_, Vec<(Uuid, Option<String>)>> {
        self.asked.lock().expect("nobody panics while holding it")
    }
}

impl Extension for CloudflareDomain {
    async fn answer(&self, message: &str) -> Option<String> {
        let call = Call::read(message)?;
        let result = self.carry_out(&call).await;
        Some(call.answer(result))
    }

    fn hear(&self, message: &str) -> bool {
        self.attached().hear(message);
        let hidden = self.hidden.as_ref();
        !hidden.is_some_and(|hidden| hidden.lock().expect("nobody panics while holding it").hides(message))
    }

    async fn events(&self) -> Vec<String> {
        let received = self.completions.lock().await.recv().await;
        match received {
            Ok(completion) => self.told(&completion),
            // Those that were missed are more than anybody waits for.
            Err(RecvError::Lagged(_)) => Vec::new(),
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }

    async fn last_events(&self) -> Vec<String> {
        // Chromium has closed the connection: its page is gone, or Chromium itself, and with it soon the session.
        let mut active = self.session.handoffs.active();
        let over = active.wait_for(|active| !active.iter().any(|handoff| self.waits_for(handoff)));
        let _ = timeout(ENDED_WITHIN, over).await;
        self.waiting_events()
    }
}

fn value(plain: impl Serialize) -> Value {
    serde_json::to_value(plain).expect("plain values serialise")
}
