//! The Chrome DevTools Protocol between a client and Chromium.
//!
//! - `proxy`: between a client's socket and Chromium's, message by message
//! - `filter`: which commands pass, pure
//! - `guarded`: the commands that would get around a session's guardrails, pure
//! - `read_only`: the commands that only look, pure
//! - `cloudflare`: Browser Run's own commands, pure
//! - `attached`: which target each session of a connection is attached to, pure
//! - `hidden`: what clients do not see of the recorder, pure
//! - `commands`: what the server itself tells Chromium

pub(crate) mod attached;
pub(crate) mod cloudflare;
pub(crate) mod commands;
mod filter;
pub(crate) mod guarded;
pub(crate) mod hidden;
pub(crate) mod proxy;
mod read_only;

pub(crate) use filter::Filter;
