//! A session's guardrails: the hosts that its browser may reach.
//!
//! - `policy`: which hosts these are, pure
//! - `http_proxy`: the browser's only way out, which asks the policy first

pub(crate) mod http_proxy;
pub(crate) mod policy;
