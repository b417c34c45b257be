//! Types read from JSON and written as JSON, in as few bytes of WebAssembly as that takes.
//!
//! serde reads and writes a type through code that is compiled for it and its format anew: a third of a Worker of some sixty
//! such types. Here one [`Reader`] and one [`Writer`] do the work, and what is compiled for a type is little more than its
//! fields' names. Numbers are whole, so nothing that reads or prints floating-point numbers is linked either.
//!
//! - [`read`], [`write()`]: a text as a value, a value as a text · [`FromJson`], [`ToJson`]: what can be, with derives that
//!   heed serde's own attributes, so that the texts are serde's
//! - [`Reader`], [`Writer`]: one value after the other, for types that have a way of their own
//! - [`number`]: whole numbers, however they are written · [`Wrong`]: what is wrong with a text
//!
//! What is wrong is said without a word of what was read: that may be a secret.
#![cfg_attr(target_arch = "wasm32", deny(clippy::use_debug))] // No `Debug` is deployed: xtask/bindgen/src/lean.rs

mod from_json;
pub mod number;
mod reader;
mod to_json;
mod writer;
mod wrong;

pub use from_json::{FromJson, read};
pub use lean_json_derive::{FromJson, ToJson};
pub use reader::{Kind, Reader};
pub use to_json::{ToJson, write};
pub use writer::Writer;
pub use wrong::Wrong;

#[doc(hidden)]
pub use from_json::derive;
