//! Chromium on this machine. Only this room starts processes, so that one place sees to it that none is left behind.
//!
//! - `process`: one Chromium with its guard, from its start to its profile's removal
//! - `pipe`: CDP without a WebSocket
//! - `flags`: what Chromium is started with
//! - `devtools`: Chromium's own HTTP endpoints
//! - `orphans`: profiles that killed servers have left behind, and their removal
//! - `processes`: the machine's processes, and what they use
//! - `locate`: which program Chromium is, or what to install

pub(crate) mod devtools;
pub(crate) mod flags;
pub(crate) mod locate;
pub(crate) mod orphans;
pub(crate) mod pipe;
pub(crate) mod process;
pub(crate) mod processes;
