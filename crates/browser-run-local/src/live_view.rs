//! Live views: what people open in their own browser.
//!
//! - `viewer_query`: the query of an opened link, taken apart and checked
//! - `error_page`: what people see whose link shows nothing
//! - `links`: signed links to a page, and until when they start a connection, pure
//! - `links_in_use`: the links of the live views that are there
//! - `assets`: our own HTML, scripts and styles
//! - `front_end`: the files of Chromium's DevTools front end, kept in memory

pub(crate) mod assets;
pub(crate) mod error_page;
pub(crate) mod front_end;
pub(crate) mod links;
pub(crate) mod links_in_use;
pub(crate) mod viewer_query;
