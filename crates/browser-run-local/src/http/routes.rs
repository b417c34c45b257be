//! One endpoint, one file.

pub(crate) mod accounts;
pub(crate) mod acquire;
pub(crate) mod acquire_and_connect;
pub(crate) mod activate_target;
pub(crate) mod asset;
pub(crate) mod binding_history;
pub(crate) mod binding_limits;
pub(crate) mod binding_sessions;
pub(crate) mod browser_socket;
pub(crate) mod close;
pub(crate) mod close_target;
pub(crate) mod front_end_file;
pub(crate) mod handoffs;
pub(crate) mod inspector;
pub(crate) mod linked_page_socket;
pub(crate) mod live_view;
pub(crate) mod new_target;
pub(crate) mod page_socket;
pub(crate) mod protocol;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod status;
pub(crate) mod target;
pub(crate) mod targets;
pub(crate) mod version;
pub(crate) mod view;
