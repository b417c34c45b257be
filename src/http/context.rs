//! A request, and everything that it is answered with.

use super::error::Error;
use super::journal::Journal;
use super::request::Request;
use crate::domain::Caller;
use crate::domain::click::preview;
use crate::js::Context;
use crate::service::WorkerApp;
use crate::service::access::identify;
use std::rc::Rc;

/// What every route is given.
pub(super) struct RequestContext<'a> {
    pub(super) request: &'a Request,
    pub(super) app: Rc<WorkerApp>,
    /// What is noted of it.
    pub(super) journal: Rc<Journal>,
    /// The platform's: what goes on behind the answer is told to it.
    pub(super) platform: &'a Context,
}

impl RequestContext<'_> {
    /// Who it is, if they may be here.
    ///
    /// # Errors
    /// Why they may not.
    pub(super) async fn caller(&self) -> Result<Caller, Error> {
        let request = self.request;
        let access = self.app.config.access()?;
        let caller = identify(access, request.host(), |name| request.header(name), self.platform).await?;
        self.journal.caller(&caller.name);
        if access.operators.contains(&caller.name) {
            self.journal.is_operators();
        }
        Ok(caller)
    }

    /// Whether a caller is one of `OPERATORS`.
    ///
    /// # Errors
    /// When who may do what is not configured.
    pub(super) fn is_operator(&self, caller: &Caller) -> Result<bool, Error> {
        Ok(self.app.config.access()?.operators.contains(&caller.name))
    }

    /// The same for what is theirs alone.
    ///
    /// # Errors
    /// A refusal of anybody else.
    pub(super) fn expect_operator(&self, caller: &Caller) -> Result<(), Error> {
        if self.is_operator(caller)? { Ok(()) } else { Err(Error::NotAnOperator { caller: caller.name.clone() }) }
    }

    /// Whether a person, or a program that knows what it does, asked for this.
    pub(super) fn is_click(&self) -> bool {
        let request = self.request;
        preview::is_click(&request.method, request.has_fetch_metadata(), |name| request.header(name))
    }
}
