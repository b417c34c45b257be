//! Cloudflare Browser Run's session API on one machine: an HTTP server over real Chromium processes.
//!
//! [`spawn`] starts one in this process: for the program, and for Rust tests that want one of their own.
//!
//! - `config`: every setting, with its flag, variable and default
//! - `server`: a running server: what handlers share, how it starts and stops
//! - `router`, `routes/*`: every route on one screen; one endpoint, one file
//! - `authority`: the hosts that are this server, and the URLs that lead back to it
//! - `guards`, `extract`, `error`: what every request has to pass, what handlers are given, how they refuse
//! - `life`, `ledger`: the rules of sessions, pure: expiry, connections, why they ended
//! - `sessions`: the shell around those rules: one task and one Chromium a session
//! - `chromium`: the only file that starts processes; nothing it starts survives this server
//! - `find`: where Chromium is on this machine
//! - `devtools`: Chromium's own HTTP endpoints
//! - `bridge`: CDP between a client's WebSocket and Chromium's
//! - `links`: signed links to a live view, and for how long they start a connection
//! - `front_end`: Chromium's bundled DevTools front end, kept in memory
//! - `visit`, `notice`: somebody opens a link, and what they see when it leads nowhere
//! - `clock`: the time, which tests can put forward

mod authority;
mod bridge;
mod chromium;
mod clock;
mod config;
mod devtools;
mod error;
mod extract;
mod find;
mod front_end;
mod guards;
mod ledger;
mod life;
mod links;
mod notice;
mod router;
mod routes;
mod server;
mod sessions;
mod visit;

pub use config::{Config, Token};
pub use find::NoChromium;
pub use server::{Server, StartError, spawn};
