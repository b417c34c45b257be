//! The ledger: which sessions are ours, and what a click does with them. It has one door: a command, asked by
//! [`LedgerClient::ask`].
//!
//! - [`command`]: what can be asked, one type each: its input, its answer, and what it does; one file for what belongs together
//! - [`rules`]: sessions and signed links in memory, which the commands work on; [`sessions`]: how the former are found
//! - [`in_flight`]: clicks that have not been answered · [`limits`]: how much may be opened · [`links`]: signed links, as they are remembered
//! - [`browser_time`]: how long browsers have run, and whose
//! - [`metrics`]: what is counted, for operators
//! - [`store`]: all of it in SQLite: the schema, its migrations, and rows that can't be read
//! - [`object`]: what the Durable Object does around them · [`ledger_do`]: that object on the platform
//! - [`client`]: how the Worker asks it

mod browser_time;
mod client;
mod command;
mod in_flight;
mod ledger_do;
mod limits;
mod links;
mod metrics;
mod object;
mod rules;
mod sessions;
mod store;
#[cfg(test)]
pub(crate) mod test_ledger;
mod unanswered;

pub(crate) use browser_time::BrowserTime;
pub(crate) use client::{LedgerClient, LedgerError, LedgerStub, LedgerTransport};
pub(crate) use command::begin_click::{BeginClick, Decision};
pub(crate) use command::click_progress::{AbandonClick, FallBack, RecordSession, RecordTab};
pub(crate) use command::closing::{Mark, MarkClosing, RecordEndings};
pub(crate) use command::overview::{Overview, ReadOverview};
pub(crate) use command::reports::{LastReport, ReadMetrics, SaveReport};
pub(crate) use command::sessions::{FindSession, ForgetTab, ListSessions, OpenSessions, SessionPage, Touch};
pub(crate) use command::signed_links::{CheckLink, ListLinks, MakeLink, RevokeLink};
pub(crate) use links::LinkRecord;
#[cfg(test)]
pub(crate) use object::{Object, Platform, Said};
#[cfg(test)]
pub(crate) use store::{Database, test_database::TestDatabase};
pub(crate) use unanswered::Refusal;
#[cfg(test)]
pub(crate) use unanswered::Unanswered;
