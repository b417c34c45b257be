//! `/api/devtools/browser/{session_id}/page/{target_id}/handoffs?jwt=…`, a WebSocket: what the holder of a link is asked to do.
//!
//! Each message has all of it: `{"readOnly": …, "handoffs": [{targetId, handoffId, instructions, timeout}]}`, sent at first and
//! whenever something is different. A message back completes one: `{"handoffId": …, "success": false, "reason": "…"}`; a
//! read-only link's are ignored. It ends with the session.

use axum::{
    extract::ws::{Message, WebSocket},
    response::Response,
};
use browser_run_api::LiveViewMode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::{
    error::Error,
    extract::{SessionId, Socket},
    link_holder::{LinkHolder, Starter},
};
use crate::{
    cdp::cloudflare::MAX_REASON,
    session::handoffs::{Handoff, Outcome},
};

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

pub(crate) async fn handle(_: SessionId, Socket(upgrade): Socket, Starter(holder): Starter) -> Result<Response, Error> {
    Ok(upgrade.on_upgrade(move |socket| tell(holder, socket)))
}

/// Until the viewer leaves, or the session ends.
async fn tell(holder: LinkHolder, mut socket: WebSocket) {
    let mut active = holder.session.handoffs.active();
    active.mark_changed();
    let mut last = None;
    loop {
        tokio::select! {
            () = holder.session.ended.cancelled() => return,
            changed = active.changed() => {
                let now = asked(&holder, &active.borrow_and_update());
                if changed.is_err() || (last.as_ref() != Some(&now) && !send(&mut socket, &now).await) {
                    return;
                }
                last = Some(now);
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => complete(&holder, &text),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
        }
    }
}

/// What is asked of this viewer: a view of all tabs is asked about each of them.
fn asked(holder: &LinkHolder, active: &[Handoff]) -> Asked {
    let is_own = |handoff: &&Handoff| holder.view.mode == LiveViewMode::Full || handoff.target_id == holder.target;
    Asked { read_only: holder.view.read_only, handoffs: active.iter().filter(is_own).cloned().collect() }
}

fn complete(holder: &LinkHolder, text: &str) {
    match serde_json::from_str(text) {
        Ok(Pressed { handoff_id, success, reason }) if !holder.view.read_only => {
            let reason = reason.map(|reason| reason.chars().take(MAX_REASON).collect());
            holder.session.handoffs.complete_one(handoff_id, Outcome { success, reason });
        }
        _ => tracing::debug!(session = %holder.session.id, "no completion, or not from who may complete"),
    }
}

async fn send(socket: &mut WebSocket, asked: &Asked) -> bool {
    let text = serde_json::to_string(asked).expect("plain values serialise");
    socket.send(Message::text(text)).await.is_ok()
}
