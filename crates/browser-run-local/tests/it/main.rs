//! The server as its clients see it, over real Chromium.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic like the test itself")]

mod api;
mod binding;
mod clients;
mod dialogs;
mod env;
mod faults;
mod files;
mod front_end;
mod guardrails;
mod handoff;
mod handoff_views;
mod keyboard;
mod leftovers;
mod limits;
mod links;
mod live_view;
mod person;
mod pickers;
mod program;
mod read_only;
mod recorded;
mod recording;
mod recording_network;
mod recordings_kept;
mod sdks;
mod sessions;
mod sockets;
mod switches;
mod touch;
mod viewer;
mod windows;
