//! One endpoint, one file.

#[path = "routes/accounts.rs"]
pub(crate) mod accounts;
#[path = "routes/acquire.rs"]
pub(crate) mod acquire;
#[path = "routes/acquire_and_connect.rs"]
pub(crate) mod acquire_and_connect;
#[path = "routes/activate_target.rs"]
pub(crate) mod activate_target;
#[path = "routes/front_end_file.rs"]
pub(crate) mod asset;
#[path = "routes/close.rs"]
pub(crate) mod close;
#[path = "routes/close_target.rs"]
pub(crate) mod close_target;
#[path = "routes/browser_socket.rs"]
pub(crate) mod connect;
#[path = "routes/asset.rs"]
pub(crate) mod file;
#[path = "routes/inspector.rs"]
pub(crate) mod inspector;
#[path = "routes/linked_page_socket.rs"]
pub(crate) mod linked_page;
#[path = "routes/live_view.rs"]
pub(crate) mod live_view;
#[path = "routes/new_target.rs"]
pub(crate) mod new_target;
#[path = "routes/page_socket.rs"]
pub(crate) mod page;
#[path = "routes/protocol.rs"]
pub(crate) mod protocol;
#[path = "routes/session.rs"]
pub(crate) mod session;
#[path = "routes/sessions.rs"]
pub(crate) mod sessions;
#[path = "routes/status.rs"]
pub(crate) mod status;
#[path = "routes/target.rs"]
pub(crate) mod target;
#[path = "routes/targets.rs"]
pub(crate) mod targets;
#[path = "routes/version.rs"]
pub(crate) mod version;
#[path = "routes/view.rs"]
pub(crate) mod view;

use axum::http::{
    HeaderName,
    header::{CACHE_CONTROL, REFERRER_POLICY},
};

/// For answers whose URL is a credential.
pub(crate) const NO_STORE: [(HeaderName, &str); 2] = [(CACHE_CONTROL, "no-store"), (REFERRER_POLICY, "no-referrer")];
