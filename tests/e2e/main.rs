//! End to end: the built Worker in workerd, against Browser Run on this machine over real Chromium, or a scripted one.
//!
//! - [`environment`]: the configurations of the Worker that the tests share, and how to add one
//! - [`worker`]: the built Worker under `wrangler dev`, as one configuration has it
//! - [`browser_run`]: Browser Run on this machine, and a client of it that is not the Worker
//! - [`scripted`]: an upstream that answers what a test says
//! - [`recorded`]: recordings, as Browser Run has them
//! - [`people`], [`team`]: who clicks, by access tokens or Cloudflare Access, and what they are answered
//! - [`site`], [`hostile`]: the pages that are debugged, and a page on another origin
//! - [`until`]: waiting for a condition; `cdp_client`, a crate: looking into a tab
//!
//! Everything else is tests.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic like the test itself")]

mod access;
mod action;
mod api;
mod browser_run;
mod clean_up;
mod clicks;
mod coalescing;
mod command_line;
mod cross_site;
mod described;
mod devtools;
mod endurance;
mod environment;
mod failures;
mod home;
mod hostile;
mod hosts;
mod limits;
mod link_holders;
mod links;
mod live_view;
mod observed;
mod panics;
mod people;
mod permalinks;
mod previews;
mod recorded;
mod recorded_clicks;
mod recordings;
mod redaction;
mod refusals;
mod replay;
mod reuse;
mod scripted;
mod secrets;
mod shown;
mod signed_links;
mod site;
mod spellings;
mod team;
mod until;
mod waiting;
mod worker;
