//! Sessions of ours.
//!
//! - [`ids`]: each kind of id, a type of its own
//! - [`record`]: a session and its tabs, as they are stored
//! - [`end_reason`]: why a session ended
//! - [`devtools_link`]: the link that leads into one of its tabs

pub(crate) mod devtools_link;
pub(crate) mod end_reason;
pub(crate) mod ids;
pub(crate) mod record;

pub(crate) use devtools_link::{DevtoolsLink, InvalidDevtoolsLink};
pub(crate) use end_reason::EndReason;
pub(crate) use ids::{ClickId, SessionId, SignedLinkId, TargetId};
pub(crate) use record::{Ending, SessionRecord, State, TabRecord};
