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

#[path = "http/admin.rs"]
mod admin;
#[path = "http/authority.rs"]
mod authority;
#[path = "cdp/proxy.rs"]
mod bridge;
#[path = "chromium/process.rs"]
mod chromium;
mod clock;
mod config;
#[path = "chromium/devtools.rs"]
mod devtools;
#[path = "http/error.rs"]
mod error;
#[path = "http/extract.rs"]
mod extract;
#[path = "faults/script.rs"]
mod faults;
#[path = "chromium/locate.rs"]
mod find;
#[path = "live_view/front_end.rs"]
mod front_end;
#[path = "cdp/filter.rs"]
mod gate;
#[path = "cdp/guarded.rs"]
mod guarded;
#[path = "http/middleware.rs"]
mod guards;
#[path = "faults/inject.rs"]
mod inject;
#[path = "session/launcher.rs"]
mod launcher;
#[path = "session/registry.rs"]
mod ledger;
#[path = "session/lifecycle.rs"]
mod life;
#[path = "session/limits.rs"]
mod limits;
#[path = "live_view/links.rs"]
mod links;
#[path = "live_view/error_page.rs"]
mod notice;
#[path = "live_view/assets.rs"]
mod pages;
#[path = "guardrails/policy.rs"]
mod policy;
#[path = "chromium/processes.rs"]
mod processes;
#[path = "guardrails/http_proxy.rs"]
mod proxy;
#[path = "cdp/read_only.rs"]
mod read_only;
#[path = "http/router.rs"]
mod router;
#[path = "http/routes.rs"]
mod routes;
#[path = "http/server.rs"]
mod server;
#[path = "session/sessions.rs"]
mod sessions;
#[path = "chromium/orphans.rs"]
mod stale;
#[path = "live_view/viewer_query.rs"]
mod visit;

pub use config::{Config, LogFormat, Token};
pub use faults::{Endpoint, Fault, Faults};
pub use find::NoChromium;
pub use limits::{Limits, Plan};
pub use server::{Server, StartError, spawn};
