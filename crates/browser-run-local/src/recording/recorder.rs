//! The server's own connection to a Chromium whose pages are recorded. No message of its counts as something that happens
//! to the session, and none is seen by another connection.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    io,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::body::Bytes;
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tokio::time::timeout;
use tokio_util::{codec::AnyDelimiterCodecError, sync::CancellationToken};

use super::{
    files::Files,
    openings::{Opening, Openings},
    pages::{Pages, attach_to_pages, first_commands, let_go_of_pages},
    requests::{Due, Requests},
    said::{Said, said, value},
    script,
};
use crate::{
    cdp::commands::Commands,
    chromium::pipe::{FromChromium, ToChromium},
    clock::{Clock, Millis},
};

/// How long a browser's first page may take until it is recorded.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// How long Chromium may take, at a session's end, to say what it had to say before.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(1);

/// What keeps a session from being recorded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("Chromium's pipe fails")]
    Pipe(#[from] AnyDelimiterCodecError),
    #[error("the recording cannot be written")]
    Disk(#[from] io::Error),
    #[error("the first page was not recorded within {} s", READY_WITHIN.as_secs())]
    Slow,
}

/// Records the pages of one Chromium.
#[derive(Debug)]
pub(super) struct Recorder {
    from: FromChromium,
    chromium: Commands<ToChromium>,
    /// How many commands have been answered.
    answered: u64,
    pages: Pages,
    requests: Requests,
    /// What pages were told first and have not answered, by the command's number.
    preparing: HashMap<u64, String>,
    /// Blank tabs that are to load a page, and are not recorded yet.
    to_open: HashMap<String, Opening>,
    /// Those that are told to load it, by the command's number.
    navigating: HashMap<u64, String>,
    /// Those that are loading it, until they have.
    opening: HashSet<String>,
    files: Files,
    /// What runs in each document.
    source: Arc<str>,
    clock: Arc<Clock>,
    /// When recording stops, whatever happens.
    until_ms: Millis,
}

impl Recorder {
    /// Records what is there, and whatever comes, from when this returns.
    pub(super) async fn start(
        (to, from): (ToChromium, FromChromium), source: Arc<str>, files: Files, clock: Arc<Clock>, until_ms: Millis,
    ) -> Result<Self, RecordError> {
        let mut recorder = Self {
            from,
            chromium: Commands::new(to),
            answered: 0,
            pages: Pages::default(),
            requests: Requests::default(),
            preparing: HashMap::new(),
            to_open: HashMap::new(),
            navigating: HashMap::new(),
            opening: HashSet::new(),
            files,
            source,
            clock,
            until_ms,
        };
        timeout(READY_WITHIN, recorder.attach()).await.map_err(|_| RecordError::Slow)??;
        Ok(recorder)
    }

    /// Attaches to the pages that are there, until they have done what they are told.
    async fn attach(&mut self) -> Result<(), RecordError> {
        self.chromium.send("Target.setAutoAttach", attach_to_pages(), None).await?;
        self.hear_answers().await
    }

    /// Hears what Chromium says until it has answered every command.
    async fn hear_answers(&mut self) -> Result<(), RecordError> {
        while self.answered < self.chromium.last_id() {
            let Some(message) = self.from.next().await else { break };
            self.hear(&message?).await?;
        }
        Ok(())
    }

    /// Records until the session has ended, or its Chromium; then everything is in the files.
    ///
    /// # Errors
    /// When something could not be written, or the connection has failed: what came before is in the files.
    pub(super) async fn run(mut self, openings: Openings, ended: &CancellationToken) -> Result<(), RecordError> {
        let heard = self.hear_until(openings, ended).await;
        // Nobody reads the pipe any more, but a session can go on without its recorder. A Chromium that is gone needs no word.
        let _ = self.chromium.send("Target.setAutoAttach", let_go_of_pages(), None).await;
        let ended = self.end().await;
        heard.and(ended)
    }

    async fn hear_until(
        &mut self, Openings(mut openings): Openings, ended: &CancellationToken,
    ) -> Result<(), RecordError> {
        loop {
            tokio::select! {
                message = self.from.next() => match message {
                    Some(message) => self.hear(&message?).await?,
                    None => return Ok(()),
                },
                Some(opening) = openings.recv() => self.open(opening).await?,
                () = ended.cancelled() => break,
            }
        }
        // A page that does not answer has no last words.
        timeout(LAST_WORDS_WITHIN, self.last_words()).await.unwrap_or(Ok(()))
    }

    /// Hears what pages have not sent yet.
    async fn last_words(&mut self) -> Result<(), RecordError> {
        // Some of what was told to pages that have closed is never answered.
        self.answered = self.chromium.last_id();
        for page in self.requests.loading() {
            let due = self.requests.loaded(&page);
            self.settle(&page, due).await?;
        }
        for (session, world) in self.pages.worlds() {
            let send_all = script::call(script::SEND_ALL, world);
            self.chromium.send("Runtime.evaluate", send_all, Some(&session)).await?;
        }
        self.hear_answers().await
    }

    /// Writes what is still in memory: requests that have not ended.
    async fn end(mut self) -> Result<(), RecordError> {
        for (page, finished) in self.requests.end_all() {
            self.write(&page, finished).await?;
        }
        Ok(self.files.end().await?)
    }

    async fn hear(&mut self, message: &Bytes) -> Result<(), RecordError> {
        let Some(Said { id, method, session, params, result }) = said(message) else { return Ok(()) };
        if let Some(id) = id {
            self.answered += 1;
            self.prepared(id).await?;
            // Nothing of the page comes before this answer. That it is navigated is not always told.
            self.opening.extend(self.navigating.remove(&id));
            return match self.requests.answered(id, result) {
                Some((page, finished)) => self.write(&page, finished).await,
                None => Ok(()),
            };
        }
        let (Some(method), Some(params)) = (method, params) else { return Ok(()) };
        match method {
            "Runtime.bindingCalled" => self.events(session, params).await,
            "Target.attachedToTarget" => self.attached(session, &value(params)).await,
            "Target.detachedFromTarget" => self.detached(&value(params)).await,
            "Runtime.executionContextCreated" => {
                self.pages.world_created(session, &value(params));
                Ok(())
            }
            // A window's first, blank document can be replaced within its world: then the script has not run for the new one.
            "Page.frameNavigated" => self.record_document(session, &value(params), script::RECORD_DOCUMENT).await,
            "Page.documentOpened" => self.record_document(session, &value(params), script::DOCUMENT_OPENED).await,
            "Page.loadEventFired" => self.loaded(session).await,
            "Inspector.targetCrashed" => self.crashed(session).await,
            "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" => self.let_go(session, params).await,
            _ if Requests::are_meant_by(method) => self.network(session, message).await,
            _ => Ok(()),
        }
    }

    /// A page, or a part of one, waits until it is recorded.
    async fn attached(&mut self, parent: Option<&str>, params: &Value) -> Result<(), RecordError> {
        let Some((session, is_page)) = self.pages.attach(parent, params) else { return Ok(()) };
        let page = self.pages.page(Some(&session)).filter(|_| is_page).map(str::to_owned);
        if let Some(page) = &page {
            self.files.add(page).await?;
        }
        for (method, params) in first_commands(is_page, &self.source) {
            let id = self.chromium.send(method, params, Some(&session)).await?;
            if let Some(page) = &page {
                self.preparing.insert(id, page.clone());
            }
        }
        Ok(())
    }

    /// A page has done one of the things that it was told first. If it is navigated before it has done all of them, Chromium
    /// can tell the next document's process too late to hear of that document.
    async fn prepared(&mut self, id: u64) -> Result<(), RecordError> {
        match self.preparing.remove(&id).and_then(|page| self.to_open.remove(&page)) {
            Some(opening) => self.open(opening).await,
            None => Ok(()),
        }
    }

    /// Loads a page in a tab that is blank, as soon as that is recorded.
    async fn open(&mut self, opening: Opening) -> Result<(), RecordError> {
        let is_prepared = !self.preparing.values().any(|page| *page == opening.target);
        let Some(session) = self.pages.session_of(&opening.target).filter(|_| is_prepared).map(str::to_owned) else {
            self.to_open.insert(opening.target.clone(), opening);
            return Ok(());
        };
        let Opening { target, url, begins } = opening;
        let id = self.chromium.send("Page.navigate", json!({"url": url}), Some(&session)).await?;
        self.navigating.insert(id, target);
        // Whoever wanted it may be gone.
        let _ = begins.send(());
        Ok(())
    }

    async fn detached(&mut self, params: &Value) -> Result<(), RecordError> {
        let Some(page) = self.pages.detach(params) else { return Ok(()) };
        self.preparing.retain(|_, preparing| *preparing != page);
        self.to_open.remove(&page);
        let finished = self.requests.end(&page);
        self.write(&page, finished).await?;
        Ok(self.files.close(&page).await?)
    }

    /// A page's document is another, in a world in which the script has run before.
    async fn record_document(
        &mut self, session: Option<&str>, params: &Value, function: &str,
    ) -> Result<(), RecordError> {
        let is_page = params["frame"]["parentId"].is_null();
        if let Some(world) = self.pages.world(session).filter(|_| is_page) {
            let record = script::call(function, world);
            self.chromium.send("Runtime.evaluate", record, session).await?;
        }
        Ok(())
    }

    /// Whether a tab still has the blank page that it was opened with, which nobody sees.
    fn is_blank(&self, page: &str) -> bool {
        self.to_open.contains_key(page) || self.navigating.values().any(|navigating| navigating == page)
    }

    /// There is no way back to that page, either.
    async fn loaded(&mut self, session: Option<&str>) -> Result<(), RecordError> {
        if self.pages.page(session).is_some_and(|page| self.opening.remove(page)) {
            self.chromium.send("Page.resetNavigationHistory", json!({}), session).await?;
        }
        Ok(())
    }

    /// What pages log is kept for this connection, too, until it lets go.
    async fn let_go(&mut self, session: Option<&str>, params: &RawValue) -> Result<(), RecordError> {
        if params.get().contains("\"objectId\"") {
            let group = json!({"objectGroup": "console"});
            self.chromium.send("Runtime.releaseObjectGroup", group, session).await?;
        }
        Ok(())
    }

    /// rrweb has told of events.
    async fn events(&mut self, session: Option<&str>, params: &RawValue) -> Result<(), RecordError> {
        #[derive(Deserialize)]
        struct Called<'a> {
            #[serde(borrow)]
            payload: Cow<'a, str>,
        }
        let Some(page) = self.pages.page(session).map(str::to_owned) else { return Ok(()) };
        if self.is_blank(&page) {
            return Ok(());
        }
        // It has begun, so the page is loaded.
        let due = self.requests.loaded(&page);
        self.settle(&page, due).await?;
        let Ok(Called { payload }) = serde_json::from_str(params.get()) else { return Ok(()) };
        if self.clock.now() >= self.until_ms {
            return Ok(());
        }
        // They came out of a page's process: lines in lines would be possible.
        let events: Vec<&RawValue> = serde_json::from_str(&payload).unwrap_or_default();
        for event in events.into_iter().map(RawValue::get).filter(|event| !event.contains('\n')) {
            self.files.append_event(&page, event).await?;
        }
        Ok(())
    }

    /// A page's process is gone: the events say so, too.
    async fn crashed(&mut self, session: Option<&str>) -> Result<(), RecordError> {
        const CUSTOM: u8 = 5;
        let Some(page) = self.pages.page(session) else { return Ok(()) };
        // As the page's own events have it, not by this server's clock, which can be put forward.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
        let event = json!({"type": CUSTOM, "data": {"tag": "crash", "payload": {}}, "timestamp": now});
        Ok(self.files.append_event(page, &event.to_string()).await?)
    }

    /// Something has happened in the network.
    async fn network(&mut self, session: Option<&str>, message: &Bytes) -> Result<(), RecordError> {
        let Some(page) = self.pages.page(session).map(str::to_owned) else { return Ok(()) };
        if self.clock.now() >= self.until_ms {
            return Ok(());
        }
        let due = self.requests.hear(&page, message);
        self.settle(&page, due).await
    }

    async fn settle(&mut self, page: &str, Due { finished, wanted }: Due) -> Result<(), RecordError> {
        for (request, session) in wanted {
            let params = json!({"requestId": request});
            let id = self.chromium.send("Network.getResponseBody", params, session.as_deref()).await?;
            self.requests.asked(id, page, request);
        }
        self.write(page, finished).await
    }

    async fn write(&mut self, page: &str, finished: Vec<super::exchange::Exchange>) -> Result<(), RecordError> {
        for exchange in finished {
            let json = serde_json::to_string(&exchange).expect("plain values serialise");
            self.files.append_request(page, &json).await?;
        }
        Ok(())
    }
}
