//! One endpoint, one file.

pub(crate) mod accounts;
pub(crate) mod acquire;
pub(crate) mod acquire_and_connect;
pub(crate) mod activate_target;
pub(crate) mod asset;
pub(crate) mod close;
pub(crate) mod close_target;
pub(crate) mod connect;
pub(crate) mod file;
pub(crate) mod inspector;
pub(crate) mod linked_page;
pub(crate) mod live_view;
pub(crate) mod new_target;
pub(crate) mod page;
pub(crate) mod protocol;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod status;
pub(crate) mod target;
pub(crate) mod targets;
pub(crate) mod version;
pub(crate) mod view;

use axum::http::{
    HeaderName,
    header::{CACHE_CONTROL, REFERRER_POLICY},
};

/// For answers whose URL is a credential.
pub(crate) const NO_STORE: [(HeaderName, &str); 2] = [(CACHE_CONTROL, "no-store"), (REFERRER_POLICY, "no-referrer")];
