//! Cloudflare Browser Run's session API: what goes over the wire, for clients and servers alike.
//!
//! - [`paths`]: every endpoint's path below `…/devtools`, as a template both sides read
//! - the crate's own types: sessions, targets, live views, as a server writes them: bare JSON values, no envelope
//! - [`read`]: what a client reads of them
//! - [`HostPattern`]: which hosts a guardrail lets through
//! - [`number`]: whole numbers, however clients write them
//! - [`ErrorBody`], [`error_message`], [`parse`]: the shapes an error body can have, and how a client reads them
//!
//! Sources: <https://developers.cloudflare.com/browser-run/cdp/session-management/> and Cloudflare's official SDKs.
//! This crate knows neither HTTP client nor server, and does no I/O.
#![cfg_attr(target_arch = "wasm32", deny(clippy::use_debug))] // No `Debug` is deployed: xtask/bindgen/src/lean.rs

mod error;
mod host_pattern;
pub mod number;
pub mod paths;
pub mod read;
mod types;

pub use error::{ApiError, ErrorBody, error_message, parse};
pub use host_pattern::{HostPattern, InvalidHostPattern};
pub use types::{
    Acquired, CloseState, Closing, Guardrails, LiveView, LiveViewGuardrails, LiveViewMode, LiveViewOptions,
    LiveViewRequest, Message, ReadOnly, Session, Target, UnknownMode, Version,
};

/// A UTC day in milliseconds: browser time is counted by days.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
