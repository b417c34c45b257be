//! The ledger as the Worker uses it: typed questions to the Durable Object that keeps it.

use crate::caller::Caller;
use crate::click::Click;
use crate::deadlines::LEDGER_MS;
use crate::js::{self, Fetcher};
use crate::ledger::{Claim, Command, LinkRecord, Page, Refusal, SessionRecord, State};
use crate::sweep::SweepReport;
use serde::de::DeserializeOwned;
use serde_json::json;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Env, web_sys};

/// The ledger did not answer. What it said instead can hold what is stored of anybody: it is for the log alone.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the session ledger did not answer")]
pub(crate) struct LedgerError(pub(crate) String);

/// Carries commands to the ledger: a Durable Object, or a test's own [`crate::ledger::Ledger`].
pub(crate) trait LedgerTransport {
    /// Sends one command's JSON and answers with its answer's.
    async fn post(&self, command: &Command) -> Result<String, LedgerError>;
}

/// Every question the Worker asks.
pub(crate) struct LedgerClient<T>(pub(crate) T);

impl<T: LedgerTransport> LedgerClient<T> {
    pub(crate) async fn claim(&self, caller: &Caller, click: &Click, link: Option<&str>) -> Result<Claim, LedgerError> {
        let (caller, click) = (caller.clone(), click.clone());
        self.ask(&Command::Claim { caller, click, link: link.map(str::to_owned) }).await
    }

    pub(crate) async fn fall_back(&self, claim: u64) -> Result<Option<String>, LedgerError> {
        self.ask(&Command::FallBack { claim }).await
    }

    /// A refusal: the session is recorded, and to be closed at once.
    pub(crate) async fn session_opened(
        &self,
        claim: u64,
        session_id: &str,
        caller: &Caller,
        click: &Click,
        link: Option<&str>,
    ) -> Result<Result<(), Refusal>, LedgerError> {
        let (session_id, caller, click) = (session_id.to_owned(), caller.clone(), click.clone());
        let link = link.map(str::to_owned);
        self.ask(&Command::SessionOpened { claim, session_id, caller, click, link }).await
    }

    /// Answers the tabs that are one too many now. A refusal: the session is to be closed at once.
    pub(crate) async fn tab_opened(
        &self,
        claim: u64,
        session_id: &str,
        target_id: &str,
        click: &Click,
    ) -> Result<Result<Vec<String>, Refusal>, LedgerError> {
        let (session_id, target_id) = (session_id.to_owned(), target_id.to_owned());
        self.ask(&Command::TabOpened { claim, session_id, target_id, click: click.clone() }).await
    }

    pub(crate) async fn abandon(&self, claim: u64, gone: bool) -> Result<(), LedgerError> {
        self.ask(&Command::Abandon { claim, gone }).await
    }

    pub(crate) async fn touch(&self, session_id: &str, target_id: Option<&str>) -> Result<(), LedgerError> {
        self.ask(&Command::Touch { session_id: session_id.to_owned(), target_id: target_id.map(str::to_owned) }).await
    }

    pub(crate) async fn ended(&self, session_id: &str, reason: &str, lived_ms: Option<u64>) -> Result<(), LedgerError> {
        let (session_id, reason) = (session_id.to_owned(), reason.to_owned());
        self.ask(&Command::Ended { session_id, reason, lived_ms }).await
    }

    pub(crate) async fn asked(&self, session_ids: Vec<String>) -> Result<(), LedgerError> {
        self.ask(&Command::Asked { session_ids }).await
    }

    pub(crate) async fn tab_gone(&self, session_id: &str, target_id: &str) -> Result<(), LedgerError> {
        self.ask(&Command::TabGone { session_id: session_id.to_owned(), target_id: target_id.to_owned() }).await
    }

    /// Answers whether the session may be closed now.
    pub(crate) async fn begin_closing(
        &self,
        session_id: &str,
        unless_clicked_after_ms: Option<u64>,
        reason: &str,
    ) -> Result<bool, LedgerError> {
        let (session_id, reason) = (session_id.to_owned(), reason.to_owned());
        self.ask(&Command::BeginClosing { session_id, unless_clicked_after_ms, reason }).await
    }

    pub(crate) async fn close_failed(&self, session_id: &str) -> Result<(), LedgerError> {
        self.ask(&Command::CloseFailed { session_id: session_id.to_owned() }).await
    }

    /// All sessions that have not ended.
    pub(crate) async fn sessions(&self) -> Result<Vec<SessionRecord>, LedgerError> {
        self.ask(&Command::Sessions).await
    }

    /// One session, ended or not.
    pub(crate) async fn find(&self, session_id: &str) -> Result<Option<SessionRecord>, LedgerError> {
        self.ask(&Command::Find { session_id: session_id.to_owned() }).await
    }

    /// A caller's sessions, newest first.
    pub(crate) async fn list(
        &self,
        caller: &str,
        state: Option<State>,
        limit: u64,
        offset: u64,
    ) -> Result<Page, LedgerError> {
        self.ask(&Command::List { caller: caller.to_owned(), state, limit, offset }).await
    }

    pub(crate) async fn link_made(&self, link: LinkRecord) -> Result<(), LedgerError> {
        self.ask(&Command::LinkMade { link }).await
    }

    /// Answers the sessions that the link opened and that have not ended, if there is such a link of this caller's.
    pub(crate) async fn revoke_link(&self, id: &str, caller: &str) -> Result<Option<Vec<String>>, LedgerError> {
        self.ask(&Command::RevokeLink { id: id.to_owned(), caller: caller.to_owned() }).await
    }

    /// A caller's links, newest first.
    pub(crate) async fn links(&self, caller: &str) -> Result<Vec<LinkRecord>, LedgerError> {
        self.ask(&Command::Links { caller: caller.to_owned() }).await
    }

    pub(crate) async fn save_report(&self, report: &SweepReport) -> Result<(), LedgerError> {
        self.ask(&Command::SaveReport { report: report.clone() }).await
    }

    pub(crate) async fn last_report(&self) -> Result<Option<SweepReport>, LedgerError> {
        self.ask(&Command::LastReport).await
    }

    async fn ask<A: DeserializeOwned>(&self, command: &Command) -> Result<A, LedgerError> {
        let answer = self.0.post(command).await?;
        serde_json::from_str(&answer)
            .map_err(|error| LedgerError(format!("{error} in an answer of {} bytes", answer.len())))
    }
}

/// The Durable Object.
pub(crate) struct LedgerStub(Fetcher);

impl LedgerStub {
    pub(crate) fn new(env: &Env) -> Result<Self, LedgerError> {
        crate::config::ledger(env).map(Self).map_err(|error| LedgerError(error.to_string()))
    }

    async fn exchange(&self, command: &Command) -> Result<(u16, String), JsValue> {
        let init = js::object(&json!({ "method": "POST", "body": crate::ledger::command::json(command) }));
        if !matches!(command, Command::Claim { .. }) {
            js::set(&init, "signal", &js::deadline(LEDGER_MS));
        }
        let promise = self.0.fetch("https://ledger/", &init)?;
        let response: web_sys::Response = JsFuture::from(promise).await?.unchecked_into();
        let body = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
        Ok((response.status(), body))
    }
}

impl LedgerTransport for LedgerStub {
    async fn post(&self, command: &Command) -> Result<String, LedgerError> {
        match self.exchange(command).await {
            Ok((200, body)) => Ok(body),
            Ok((_, body)) => Err(LedgerError(body)),
            Err(error) => Err(LedgerError(format!("{error:?}"))),
        }
    }
}
