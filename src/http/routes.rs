//! What the routes answer: one endpoint, or what belongs to it, in one file. [`mod@pattern`] has what the log calls them.

pub(super) mod close_session;
pub(super) mod follow_link;
pub(super) mod health;
pub(super) mod home;
pub(super) mod links;
pub(super) mod list_sessions;
pub(super) mod metrics;
pub(super) mod open;
pub(super) mod open_session;
mod pattern;
pub(super) mod permalink;
pub(super) mod recording;
pub(super) mod show_session;
pub(super) mod sweep;

/// What every route uses.
use super::{context::RequestContext, error::Error, reply::Reply};
use crate::domain::Caller;

pub(super) use pattern::pattern;
