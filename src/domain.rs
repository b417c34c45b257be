//! What everything else is about, pure: plain values and rules over them. Nothing in here reaches the configuration,
//! JavaScript or the platform; time comes as an argument.
//!
//! - [`click`]: what is asked for, and what is no click at all; its URL and where that may lead are the crate `page-url`
//! - [`access`]: who it is, and what signed links allow
//! - [`session`]: a session of ours, as it is stored; its ids; the link that leads into it
//! - [`sweep`]: the clean-up's plan, and its report
//! - [`upstream_call`]: a call, as the ledger counts it · [`mod@redact`]: what others say, without pages' URLs
//! - [`policy`], [`deadlines`], [`time`]: the rules' numbers, how long each step may take, how times are written

pub(crate) mod access;
pub(crate) mod click;
pub(crate) mod deadlines;
#[cfg(test)]
mod fuzz;
pub(crate) mod policy;
pub(crate) mod redact;
pub(crate) mod session;
pub(crate) mod sweep;
pub(crate) mod time;
pub(crate) mod upstream_call;

pub(crate) use access::{Access, AttributedClick, Caller, InvalidSignedLink, LinkKey, SignedLink, Team};
pub(crate) use click::{Click, ClickRequest, Defaults, InvalidClick, Options, View};
pub(crate) use policy::Policy;
pub(crate) use redact::redact;
pub(crate) use session::{
    ClickId, DevtoolsLink, EndReason, Ending, InvalidDevtoolsLink, SessionId, SessionRecord, SignedLinkId, State,
    TabRecord, TargetId,
};
pub(crate) use sweep::{Close, Closed, Ended, Failed, Plan, Seen, SweepReport, Why};
pub(crate) use upstream_call::UpstreamCall;
