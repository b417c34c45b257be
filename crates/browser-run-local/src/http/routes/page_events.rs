//! `/api/devtools/browser/{session_id}/page/{target_id}/events?jwt=…`, a WebSocket: what no picture of the page shows.
//!
//! Each message has all of it, at first and whenever something is different: `{"readOnly": …, "connections": …,
//! "pages": [{targetId, openerId, title, url, dialog}], "downloads": […]}`. A message back answers a dialog:
//! `{"targetId": …, "accept": true, "promptText": …}`; a read-only link's are ignored. It ends with the session.

use std::sync::Arc;

use axum::{
    extract::{
        State,
        ws::{Message, WebSocket},
    },
    response::Response,
};
use serde::Serialize;

use super::super::{app::App, error::Error, extract::Socket, link_holder::LinkHolder};
use crate::{
    live_view::links_in_use::InUse,
    session::observed::{Answer, Observed},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Events<'a> {
    read_only: bool,
    /// How many clients are connected to the session.
    connections: usize,
    #[serde(flatten)]
    observed: &'a Observed,
}

pub(crate) async fn handle(
    State(app): State<Arc<App>>, holder: LinkHolder, Socket(upgrade): Socket,
) -> Result<Response, Error> {
    let in_use = app.links_in_use.add(holder.jwt.clone());
    Ok(upgrade.on_upgrade(move |viewer| tell(viewer, holder, in_use)))
}

/// Until the viewer leaves, or the session ends.
async fn tell(mut viewer: WebSocket, holder: LinkHolder, _in_use: InUse) {
    let mut observed = holder.session.observer.observed();
    let mut connections = holder.session.connections.subscribe();
    let mut last = String::new();
    loop {
        let now = message(&holder, &observed.borrow_and_update(), *connections.borrow_and_update());
        if now != last && viewer.send(Message::text(now.clone())).await.is_err() {
            return;
        }
        last = now;
        tokio::select! {
            () = holder.session.ended.cancelled() => return,
            Ok(()) = observed.changed() => {}
            Ok(()) = connections.changed() => {}
            message = viewer.recv() => match message {
                Some(Ok(Message::Text(text))) => answer(&holder, &text).await,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
        }
    }
}

/// Who may control a page may control all of them; a read-only link to one page leads to no other.
fn message(holder: &LinkHolder, observed: &Observed, connections: usize) -> String {
    let visible = if holder.view.shows_all() { observed } else { &observed.of(&holder.target) };
    let events = Events { read_only: holder.view.read_only, connections, observed: visible };
    serde_json::to_string(&events).expect("plain values serialise")
}

async fn answer(holder: &LinkHolder, text: &str) {
    match serde_json::from_str::<Answer>(text) {
        Ok(answer) if !holder.view.read_only => holder.session.observer.answer(answer).await,
        _ => tracing::debug!(session = %holder.session.id, "not an answer, or not from who may give one"),
    }
}
