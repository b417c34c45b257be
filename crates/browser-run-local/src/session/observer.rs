//! A CDP connection of the server's own to each session's Chromium, which watches its pages for who looks at them, and
//! fails the handoffs of those that are closed.
//!
//! It enables `Page` on every page, before the page's first script runs: only a connection that has done so before a
//! dialog opens hears of it and can answer it. No message of its counts as something that happens to the session.

use std::{future::ready, path::Path};

use futures_util::{Sink, SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::{self, Message};

use super::{
    observed::{Answer, Observed},
    open_handoffs::OpenHandoffs,
};
use crate::cdp::{commands::Commands, proxy};

/// How many answers may wait to be carried out.
const ANSWERS: usize = 16;

/// What is seen of a session's pages, and the way to answer their dialogs.
#[derive(Debug, Clone)]
pub(crate) struct Observer {
    observed: watch::Receiver<Observed>,
    answers: mpsc::Sender<Answer>,
}

/// The observer's other end, which has to run.
pub(super) struct Watch {
    observed: watch::Sender<Observed>,
    answers: mpsc::Receiver<Answer>,
}

impl Observer {
    /// One that sees nothing until its other end runs.
    pub(super) fn new() -> (Self, Watch) {
        let (tell, observed) = watch::channel(Observed::default());
        let (answers, answered) = mpsc::channel(ANSWERS);
        (Self { observed, answers }, Watch { observed: tell, answers: answered })
    }

    /// What is seen now, and whatever changes about it.
    pub(crate) fn observed(&self) -> watch::Receiver<Observed> {
        self.observed.clone()
    }

    /// Answers a dialog. Where it has been answered already, nothing happens.
    pub(crate) async fn answer(&self, answer: Answer) {
        // A session that has ended has no dialogs.
        let _ = self.answers.send(answer).await;
    }
}

impl Watch {
    /// Watches the Chromium behind this WebSocket until it ends. It downloads into `downloads` from now on, unless a
    /// client says otherwise. What `handoffs` ask for fails with its page.
    ///
    /// # Errors
    /// When the connection cannot be made, or fails.
    pub(super) async fn run(
        mut self, browser_socket: &str, downloads: &Path, handoffs: &OpenHandoffs,
    ) -> Result<(), tungstenite::Error> {
        let (to, mut from) = proxy::connect(browser_socket).await.map_err(|error| *error)?.split();
        let mut chromium = Commands::new(to.with(|command: String| ready(Ok(Message::text(command)))));
        for (method, params) in first_commands(downloads) {
            chromium.send(method, params, None).await?;
        }
        loop {
            tokio::select! {
                message = from.next() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(&text, &mut chromium, handoffs).await?,
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error),
                    None => return Ok(()),
                },
                Some(answer) = self.answers.recv() => {
                    let command = self.observed.borrow().command(answer);
                    if let Some((method, params, session)) = command {
                        chromium.send(method, params, Some(&session)).await?;
                    }
                }
            }
        }
    }

    /// Takes an event; a page that has just come is watched, and goes on.
    async fn hear<S>(
        &self, text: &str, chromium: &mut Commands<S>, handoffs: &OpenHandoffs,
    ) -> Result<(), tungstenite::Error>
    where
        S: Sink<String, Error = tungstenite::Error> + Unpin,
    {
        let Ok(event) = serde_json::from_str::<Value>(text) else { return Ok(()) };
        self.observed.send_if_modified(|observed| observed.apply(&event));
        let session = event["params"]["sessionId"].as_str();
        if event["method"] == "Target.attachedToTarget" {
            chromium.send("Page.enable", json!({}), session).await?;
            chromium.send("Runtime.runIfWaitingForDebugger", json!({}), session).await?;
        }
        if event["method"] == "Target.targetDestroyed" {
            handoffs.page_closed(event["params"]["targetId"].as_str().unwrap_or_default());
        }
        let retitled = self.observed.borrow().retitled(&event).map(str::to_owned);
        if let Some(target) = retitled {
            chromium.send("Target.getTargetInfo", json!({"targetId": target}), None).await?;
        }
        Ok(())
    }
}

/// Every target's end is told, every page is attached to, and a new one waits until it is watched.
fn first_commands(downloads: &Path) -> [(&'static str, Value); 3] {
    let pages = json!([{"type": "page"}]);
    [
        ("Target.setDiscoverTargets", json!({"discover": true})),
        (
            "Target.setAutoAttach",
            json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": pages}),
        ),
        (
            "Browser.setDownloadBehavior",
            json!({"behavior": "allowAndName", "downloadPath": downloads, "eventsEnabled": true}),
        ),
    ]
}
