//! `/api/devtools/browser/{session_id}/page/{target_id}/handoffs?jwt=…`, a WebSocket: what the holder of a link is asked to do.
//!
//! Each message has all of it: `{"readOnly": …, "handoffs": [{targetId, handoffId, instructions, timeout}]}`, sent at first and
//! whenever something is different. A message back completes one: `{"handoffId": …, "success": false, "reason": "…"}`; a
//! read-only link's are ignored. It ends with the session.

use std::sync::Arc;

use axum::{
    extract::{
        Path, State,
        ws::{Message, WebSocket},
    },
    response::Response,
};
use browser_run_api::LiveViewMode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::{
    app::App,
    error::Error,
    extract::{Params, SessionId, Socket, TargetPath},
};
use super::linked_page_socket::Credential;
use crate::{
    cdp::cloudflare::MAX_REASON,
    live_view::links::{Claims, LinkError, PageId, View},
    session::{
        handoffs::{Handoff, Outcome},
        sessions::OpenSession,
    },
};

/// Who is asked.
struct Viewer {
    session: OpenSession,
    target: String,
    view: View,
}

#[derive(PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    read_only: bool,
    handoffs: Vec<Handoff>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pressed {
    handoff_id: Uuid,
    success: bool,
    reason: Option<String>,
}

pub(crate) async fn handle(
    State(app): State<Arc<App>>, SessionId(session): SessionId, Path(TargetPath { target_id }): Path<TargetPath>,
    Params(Credential { jwt }): Params<Credential>, Socket(upgrade): Socket,
) -> Result<Response, Error> {
    let jwt = jwt.ok_or(LinkError::Invalid)?;
    let Claims { view, .. } = app.links.check(&jwt, PageId { session, target: &target_id }, app.clock.now())?;
    let viewer = Viewer { session: app.sessions.open(session)?, target: target_id, view };
    Ok(upgrade.on_upgrade(move |socket| viewer.tell(socket)))
}

impl Viewer {
    /// Until the viewer leaves, or the session ends.
    async fn tell(self, mut socket: WebSocket) {
        let mut active = self.session.handoffs.active();
        active.mark_changed();
        let mut last = None;
        loop {
            tokio::select! {
                () = self.session.ended.cancelled() => return,
                changed = active.changed() => {
                    let now = self.asked(&active.borrow_and_update());
                    if changed.is_err() || (last.as_ref() != Some(&now) && !send(&mut socket, &now).await) {
                        return;
                    }
                    last = Some(now);
                }
                message = socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => self.complete(&text),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
            }
        }
    }

    /// What is asked of this viewer: a view of all tabs is asked about each of them.
    fn asked(&self, active: &[Handoff]) -> Asked {
        let is_own = |handoff: &&Handoff| self.view.mode == LiveViewMode::Full || handoff.target_id == self.target;
        Asked { read_only: self.view.read_only, handoffs: active.iter().filter(is_own).cloned().collect() }
    }

    fn complete(&self, text: &str) {
        match serde_json::from_str(text) {
            Ok(Pressed { handoff_id, success, reason }) if !self.view.read_only => {
                let reason = reason.map(|reason| reason.chars().take(MAX_REASON).collect());
                self.session.handoffs.complete_one(handoff_id, Outcome { success, reason });
            }
            _ => tracing::debug!(session = %self.session.id, "no completion, or not from who may complete"),
        }
    }
}

async fn send(socket: &mut WebSocket, asked: &Asked) -> bool {
    let text = serde_json::to_string(asked).expect("plain values serialise");
    socket.send(Message::text(text)).await.is_ok()
}
