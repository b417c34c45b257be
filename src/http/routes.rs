//! What the routes answer: one endpoint, or what belongs to it, in one file.

pub(crate) mod close_session;
pub(crate) mod follow_link;
pub(crate) mod health;
pub(crate) mod links;
pub(crate) mod list_sessions;
pub(crate) mod open;
pub(crate) mod open_session;
pub(crate) mod permalink;
pub(crate) mod show_session;
pub(crate) mod sweep;
