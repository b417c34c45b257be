//! The clean-up.
//!
//! - [`mod@plan`]: what is to be closed, and what has ended
//! - [`report`]: what one run did

pub(crate) mod plan;
pub(crate) mod report;

pub(crate) use plan::{Close, Ended, Plan, Seen, Why, ending, plan, to_ask};
pub(crate) use report::{Closed, Failed, SweepReport};
