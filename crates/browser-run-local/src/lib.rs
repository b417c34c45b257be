//! Cloudflare Browser Run's session API on one machine: an HTTP server over real Chromium processes.
//!
//! [`spawn`] starts one in this process: for the program, and for Rust tests that want one of their own.
//!
//! A line a room; each room's own file has a line for each of its modules. Imports go down this list only:
//!
//! - `http`: the server: every route on one screen, one endpoint a file, what requests have to pass, errors
//! - `config`: every setting, with its flag, variable and default
//! - `faults`: faults on demand: which call, and what is done to it
//! - `live_view`: what people open: signed links, our pages, Chromium's front end
//! - `session`: the rules of sessions and of what an account may use, and the task that runs each session
//! - `guardrails`: which hosts a session may reach, and the proxy that enforces it
//! - `recording`: what happened in a session's pages, and what they loaded, kept on disk
//! - `cdp`: what a CDP connection may say, and the proxy between a client's WebSocket and Chromium's
//! - `chromium`: Chromium processes; nothing that is started here survives this server
//! - `clock`: the time, which tests can put forward; durations as settings have them

mod cdp;
mod chromium;
mod clock;
mod config;
mod faults;
mod guardrails;
mod http;
mod live_view;
mod recording;
mod session;

pub use chromium::locate::NoChromium;
pub use config::{Config, DomainSet, LogFormat, Token};
pub use faults::script::{Endpoint, Fault, Faults};
pub use http::server::{Server, StartError, spawn};
pub use session::limits::{Limits, Plan};
