//! Sign-ins at Cloudflare Access, for who checks them: rules over plain values, for wasm and native programs.
//!
//! - [`Jwt`]: what a token says, and whom it names; whether its signature is right is the platform's to say
//! - [`KeyCache`]: which of a team's keys are known, and when they are fetched
//!
//! <https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/>
#![cfg_attr(target_arch = "wasm32", deny(clippy::use_debug))] // No `Debug` is deployed: xtask/bindgen/src/lean.rs

mod jwt;
mod keys;

pub use jwt::{InvalidJwt, Jwt};
pub use keys::{FETCH_DEADLINE_MS, Key, KeyCache, KeySet, NoKey, Step, WAIT_MS};
