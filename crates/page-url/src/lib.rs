//! The URL of a page that somebody asks to have opened: checked once, at the edge, into a type that cannot be wrong.
//!
//! - [`PageUrl`]: absolute, http or https, without credentials, in its canonical spelling
//! - [`HostRules`]: which hosts it may be on
//! - [`query`]: query strings, read and written
//! - [`host`]: what a host is
//!
//! Rules over plain values, for wasm and native programs; the canonical spelling is the platform's own.
#![cfg_attr(target_arch = "wasm32", deny(clippy::use_debug))] // No `Debug` is deployed: xtask/bindgen/src/lean.rs

mod canonical;
pub mod host;
mod hosts;
mod page_url;
pub mod query;

pub use hosts::{HostRules, RefusedHost};
pub use page_url::{InvalidUrl, PageUrl};
