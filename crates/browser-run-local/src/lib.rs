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
//! - `limits`: what an account may use, pure: browsers at once, launches, time a day
//! - `sessions`: the shell around those rules: one task and one Chromium a session
//! - `launcher`: browsers, launched when they are wanted or kept warm before
//! - `policy`, `proxy`: a session's guardrails: which hosts, pure, and what enforces it
//! - `chromium`: the only file that starts processes; nothing it starts survives this server
//! - `stale`: what servers that were killed have left behind
//! - `processes`: what the machine's processes are and use
//! - `find`: where Chromium is on this machine
//! - `devtools`: Chromium's own HTTP endpoints
//! - `bridge`: CDP between a client's WebSocket and Chromium's
//! - `gate`, `read_only`, `guarded`: what a connection may say over CDP, command by command, pure
//! - `links`: signed links to a live view, and for how long they start a connection
//! - `front_end`: Chromium's bundled DevTools front end, kept in memory
//! - `visit`, `notice`: somebody opens a link, and what they see when it leads nowhere
//! - `pages`, `ui/*`: our own pages: the live view without panels
//! - `faults`, `inject`, `admin`: faults on demand: which call, pure; what is done to it; on a port of its own
//! - `clock`: the time, which tests can put forward

mod admin;
mod authority;
mod bridge;
mod chromium;
mod clock;
mod config;
mod devtools;
mod error;
mod extract;
mod faults;
mod find;
mod front_end;
mod gate;
mod guarded;
mod guards;
mod inject;
mod launcher;
mod ledger;
mod life;
mod limits;
mod links;
mod notice;
mod pages;
mod policy;
mod processes;
mod proxy;
mod read_only;
mod router;
mod routes;
mod server;
mod sessions;
mod stale;
mod visit;

pub use config::{Config, LogFormat, Token};
pub use faults::{Endpoint, Fault, Faults};
pub use find::NoChromium;
pub use limits::{Limits, Plan};
pub use server::{Server, StartError, spawn};
