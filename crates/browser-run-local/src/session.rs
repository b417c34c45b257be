//! Sessions: the rules, and one task with one Chromium for each.
//!
//! - `sessions`: every session of this server, from its browser's launch to its profile's removal
//! - `launcher`: browsers, launched when they are asked for or kept warm before
//! - `registry`: all sessions by their id, open and ended, pure
//! - `lifecycle`: one session's expiry, connections and end, pure
//! - `handoffs`: what its clients have asked people to do, pure
//! - `open_handoffs`: the same, as its connections share it
//! - `limits`: what an account may use: browsers at once, launches, time a day, pure

pub(crate) mod handoffs;
pub(crate) mod launcher;
pub(crate) mod lifecycle;
pub(crate) mod limits;
pub(crate) mod open_handoffs;
pub(crate) mod registry;
pub(crate) mod sessions;
