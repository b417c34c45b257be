//! A click that the ledger has begun: it gets a tab, or is abandoned.

use super::error::OpenError;
use super::opened::{Opened, Unfinished};
use crate::browser_run::{Transport, UpstreamError};
use crate::domain::{AttributedClick, ClickId, DevtoolsLink, EndReason, SessionId, TargetId};
use crate::ledger::{AbandonClick, FallBack, LedgerError, LedgerTransport, RecordSession, RecordTab};
use crate::service::App;
use futures_util::future::join;

/// A click and the ledger's number for it.
pub(super) struct InFlight<'a, T, L> {
    pub(super) app: &'a App<T, L>,
    pub(super) click: &'a AttributedClick,
    pub(super) click_id: ClickId,
}

/// A tab that has just been opened.
struct NewTab {
    target_id: TargetId,
    link: DevtoolsLink,
}

impl<T: Transport, L: LedgerTransport> InFlight<'_, T, L> {
    /// Opens a tab in the caller's own session. `None`: that is gone.
    pub(super) async fn reuse_or_abandon(&self, session_id: SessionId) -> Result<Option<Opened>, OpenError> {
        let opened = self.reuse(session_id).await;
        if !matches!(opened, Ok(Some(_))) {
            self.app.ledger.ask(&self.abandoned(opened.is_ok(), opened.as_ref().err())).await?;
        }
        opened
    }

    /// Opens a tab in a new session. One that had vanished before its tab was opened is replaced once.
    pub(super) async fn open_new(&self) -> Result<Opened, OpenError> {
        let mut opened = self.acquire_and_open().await;
        if opened.as_ref().is_err_and(OpenError::is_gone) {
            opened = self.acquire_and_open().await;
        }
        if let Err(error) = &opened {
            self.app.ledger.ask(&self.abandoned(false, Some(error))).await?;
        }
        opened
    }

    fn abandoned(&self, gone: bool, error: Option<&OpenError>) -> AbandonClick {
        let refused = matches!(error, Some(OpenError::Ledger(LedgerError::Refused(_))));
        let calls = self.app.browser_run.untold_calls();
        AbandonClick { click_id: self.click_id, gone, refused, calls }
    }

    /// `None`: the session is gone, and closed to be sure.
    async fn reuse(&self, session_id: SessionId) -> Result<Option<Opened>, OpenError> {
        match self.open_tab(&session_id).await {
            Ok(tab) => self.opened(session_id, tab, true).await.map(Some),
            Err(error) if error.is_session_gone() => {
                self.app.close_session(&session_id, EndReason::Gone).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Acquires a session, and opens the tab while the session is being recorded. It is closed again when the tab fails, or
    /// when its signed link was revoked meanwhile.
    async fn acquire_and_open(&self) -> Result<Opened, OpenError> {
        let Self { app, click, click_id } = *self;
        let acquired = match app.browser_run.acquire(&click.click.options, app.config.guardrails.as_deref()).await {
            Ok(acquired) => acquired,
            Err(error) => return self.open_in_own_session(error).await,
        };
        let session_id = SessionId::from(acquired.session_id);
        let calls = app.browser_run.untold_calls();
        let record = RecordSession { click_id, session_id: session_id.clone(), click: click.clone(), calls };
        let (recorded, tab) = join(app.ledger.ask(&record), self.open_tab(&session_id)).await;
        match recorded {
            Ok(()) => {}
            Err(LedgerError::Refused(refusal)) => {
                app.close_session(&session_id, EndReason::LinkRevoked).await?;
                return Err(LedgerError::from(refusal).into());
            }
            Err(error) => {
                // What cannot be recorded is closed, what cannot be closed is recorded after all.
                if app.browser_run.close(&session_id).await.is_err() {
                    app.ledger.ask(&record).await?;
                }
                return Err(error.into());
            }
        }
        let opened = match tab {
            Ok(tab) => self.opened(session_id.clone(), tab, false).await,
            Err(error) => Err(error),
        };
        match opened {
            Ok(mut opened) => {
                let blank_pages = acquired.targets.0.into_iter().filter(|target| target.kind == "page");
                let blank_pages = blank_pages.map(|target| target.id.into()).filter(|id| *id != opened.target_id);
                opened.unfinished.surplus_tabs.extend(blank_pages);
                Ok(opened)
            }
            Err(error) => {
                // One that is marked already keeps its reason.
                app.close_session(&session_id, EndReason::TabFailed).await?;
                Err(error)
            }
        }
    }

    /// Where a limit stands in the way of a new session, one of the caller's own will do.
    async fn open_in_own_session(&self, error: UpstreamError) -> Result<Opened, OpenError> {
        if error.is_limited() {
            while let Some(session_id) = self.app.ledger.ask(&FallBack { click_id: self.click_id }).await? {
                if let Some(opened) = self.reuse(session_id).await? {
                    return Ok(opened);
                }
            }
        }
        Err(error.into())
    }

    async fn open_tab(&self, session_id: &SessionId) -> Result<NewTab, OpenError> {
        let Self { app, click: AttributedClick { click, .. }, .. } = self;
        let target = app.browser_run.open_tab(session_id, &click.url).await?;
        let target_id = TargetId::from(target.id);
        let minted = target.devtools_frontend_url.filter(|_| !click.options.view.is_special());
        let link = match minted {
            Some(link) => DevtoolsLink::check(Some(link), &app.config.live_view_origins)?,
            None => app.link(session_id, &target_id, click.options.view).await?,
        };
        Ok(NewTab { target_id, link })
    }

    /// The answer. What the tab is called can be recorded later; but nothing is handed out of a signed link that has been
    /// revoked, so that there it is recorded first.
    async fn opened(
        &self, session_id: SessionId, NewTab { target_id, link }: NewTab, reused: bool,
    ) -> Result<Opened, OpenError> {
        let Self { app, click: AttributedClick { click, signed_link_id, .. }, click_id } = *self;
        let (url, view) = (click.url.clone(), click.options.view);
        let (recorded_in, recorded, calls) = (session_id.clone(), target_id.clone(), app.browser_run.untold_calls());
        let record = RecordTab { click_id, session_id: recorded_in, target_id: recorded, url, view, reused, calls };
        let unfinished = if signed_link_id.is_some() {
            Unfinished { record_tab: None, surplus_tabs: app.record_tab(&record).await? }
        } else {
            Unfinished { record_tab: Some(record), surplus_tabs: Vec::new() }
        };
        Ok(Opened { session_id, target_id, link, reused, joined: false, unfinished })
    }
}
