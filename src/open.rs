//! One click, carried out: a session, a tab in it, and a link to that tab.

use crate::app::App;
use crate::browser_run::{Transport, UpstreamError};
use crate::caller::Caller;
use crate::click::{Click, Options};
use crate::error::Error;
use crate::ledger::Claim;
use crate::ledger_client::LedgerTransport;
use crate::link::Link;

/// How often a click is started over when what the ledger knew turns out to be gone.
const TRIES: usize = 4;

/// A tab that shows what was asked for.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) session_id: String,
    pub(crate) target_id: String,
    pub(crate) link: Link,
    /// Whether the session was there before this click.
    pub(crate) reused: bool,
    /// Tabs of the session to close once the answer is on its way.
    pub(crate) surplus_tabs: Vec<String>,
}

impl<T: Transport, L: LedgerTransport> App<T, L> {
    /// Opens what a click asks for, or joins what the same click has opened.
    ///
    /// # Errors
    /// Whatever it acquired is closed again, or left to the clean-up where that fails.
    pub(crate) async fn open(&self, caller: &Caller, click: &Click) -> Result<Opened, Error> {
        let mut tries = 1;
        loop {
            let attempt = match self.ledger.claim(caller, click).await? {
                Claim::Acquire { claim } => return self.open_new(claim, caller, click).await,
                Claim::Reuse { claim, session_id } => self.reuse(claim, session_id, click).await,
                Claim::Join { session_id, target_id } => self.join(session_id, target_id, &click.options).await,
                Claim::Wait { .. } => continue,
            };
            match attempt {
                Err(error) if error.is_gone() && tries < TRIES => tries += 1,
                attempt => return attempt,
            }
        }
    }

    /// A link to a tab of ours, minted now.
    pub(crate) async fn link(&self, session_id: &str, target_id: &str, options: &Options) -> Result<Link, Error> {
        let link = if options.mode.is_some() || options.readonly {
            Some(self.browser_run.live_view(session_id, target_id, options).await?.devtools_frontend_url)
        } else {
            self.browser_run.target(session_id, target_id).await?.devtools_frontend_url
        };
        Ok(Link::check(link, &self.config.live_view_origins)?)
    }

    /// Answers a click that was answered a moment ago. A tab found gone is forgotten.
    async fn join(&self, session_id: String, target_id: String, options: &Options) -> Result<Opened, Error> {
        match self.link(&session_id, &target_id, options).await {
            Ok(link) => Ok(Opened { session_id, target_id, link, reused: true, surplus_tabs: Vec::new() }),
            Err(error) => {
                if error.is_gone() {
                    self.ledger.tab_gone(&session_id, &target_id).await?;
                }
                Err(error)
            }
        }
    }

    /// Opens a tab in the caller's own session. A session found gone is marked ended.
    async fn reuse(&self, claim: u64, session_id: String, click: &Click) -> Result<Opened, Error> {
        let opened = self.open_tab(claim, &session_id, click).await;
        match opened {
            Ok(opened) => Ok(Opened { reused: true, ..opened }),
            Err(error) => {
                if error.is_gone() {
                    self.ledger.ended(&session_id, "gone", None).await?;
                }
                self.ledger.abandon(claim).await?;
                Err(error)
            }
        }
    }

    async fn open_new(&self, claim: u64, caller: &Caller, click: &Click) -> Result<Opened, Error> {
        let mut opened = self.acquire_and_open(claim, caller, click).await;
        if opened.as_ref().is_err_and(Error::is_gone) {
            opened = self.acquire_and_open(claim, caller, click).await;
        }
        if opened.is_err() {
            self.ledger.abandon(claim).await?;
        }
        opened
    }

    /// Acquires a session and opens the tab. The session is in the ledger before its tab is opened, and closed again
    /// when that fails.
    async fn acquire_and_open(&self, claim: u64, caller: &Caller, click: &Click) -> Result<Opened, Error> {
        let acquired = match self.browser_run.acquire(&click.options).await {
            Ok(acquired) => acquired,
            Err(error) => return self.open_in_own_session(claim, click, error).await,
        };
        let session_id = acquired.session_id;
        if let Err(error) = self.ledger.session_opened(claim, &session_id, caller, click).await {
            self.browser_run.close(&session_id).await?;
            return Err(error.into());
        }
        match self.open_tab(claim, &session_id, click).await {
            Ok(mut opened) => {
                let blank_pages = acquired.targets.into_iter().flatten().filter(|target| target.kind == "page");
                opened.surplus_tabs.extend(blank_pages.map(|target| target.id).filter(|id| *id != opened.target_id));
                Ok(opened)
            }
            Err(error) if error.is_gone() => {
                self.ledger.ended(&session_id, "gone", None).await?;
                Err(error)
            }
            Err(error) => {
                self.close_session(&session_id, None, "its tab could not be opened").await?;
                Err(error)
            }
        }
    }

    /// Where a limit stands in the way of a new session, the caller's own will do.
    async fn open_in_own_session(&self, claim: u64, click: &Click, error: UpstreamError) -> Result<Opened, Error> {
        if error.is_limited()
            && let Some(session_id) = self.ledger.fall_back(claim).await?
        {
            return self.reuse(claim, session_id, click).await;
        }
        Err(error.into())
    }

    async fn open_tab(&self, claim: u64, session_id: &str, click: &Click) -> Result<Opened, Error> {
        let target = self.browser_run.open_tab(session_id, &click.url).await?;
        let minted = target.devtools_frontend_url.filter(|_| click.options.mode.is_none() && !click.options.readonly);
        let link = match minted {
            Some(link) => Link::check(Some(link), &self.config.live_view_origins)?,
            None => self.link(session_id, &target.id, &click.options).await?,
        };
        let surplus_tabs = self.ledger.tab_opened(claim, session_id, &target.id, click).await?;
        Ok(Opened { session_id: session_id.to_owned(), target_id: target.id, link, reused: false, surplus_tabs })
    }
}
