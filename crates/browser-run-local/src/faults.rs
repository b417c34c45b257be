//! Faults on demand.
//!
//! - `inject`: what is done to a call and its session
//! - `script`: which call meets which fault, pure

pub(crate) mod inject;
pub(crate) mod script;
