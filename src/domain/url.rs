//! URLs: the page that a click opens, and the hosts it may be on.
//!
//! - [`page_url`]: a URL that was checked, and parts of it
//! - [`query`]: query strings, read and written
//! - [`hosts`]: where a click may lead

pub(crate) mod hosts;
pub(crate) mod page_url;
pub(crate) mod query;

pub(crate) use hosts::{HostRules, RefusedHost};
pub(crate) use page_url::{InvalidUrl, PageUrl};
