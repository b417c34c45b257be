//! Sessions: the rules, and one task with one Chromium for each.
//!
//! - `sessions`: every session of this server, from its browser's launch to its profile's removal
//! - `launcher`: browsers, launched when they are asked for or kept warm before
//! - `observer`: the server's own connection to each Chromium, which hears of dialogs, windows, downloads and what closes
//! - `observed`: what it has heard, pure
//! - `transfers`: files that go to a session's pages and back
//! - `registry`: all sessions by their id, open and ended, pure
//! - `lifecycle`: one session's expiry, connections and end, pure
//! - `handoffs`: what its clients have asked people to do, pure
//! - `open_session`: a session while it is open: its Chromium, and what belongs to it
//! - `open_handoffs`: the same, as its connections share it
//! - `limits`: what an account may use: browsers at once, launches, time a day, pure

pub(crate) mod handoffs;
pub(crate) mod launcher;
pub(crate) mod lifecycle;
pub(crate) mod limits;
pub(crate) mod observed;
pub(crate) mod observer;
pub(crate) mod open_handoffs;
pub(crate) mod open_session;
pub(crate) mod registry;
pub(crate) mod sessions;
pub(crate) mod transfers;
