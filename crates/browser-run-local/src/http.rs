//! The HTTP server.
//!
//! - `server`: how it starts and stops
//! - `router`, `admin`: every route of the API and of the admin port
//! - `routes`: one endpoint, one file
//! - `cdp_socket`: a client's WebSocket, upgraded and connected to Chromium's
//! - `cloudflare_domain`: `Cloudflare.*` over such a socket
//! - `middleware`: what requests pass before their handler: host, origin, token, log, faults
//! - `extract`: what handlers are given: checked values instead of text
//! - `link_holder`: who comes with a link beside their CDP connection
//! - `error`: how a call is refused
//! - `app`: what handlers share
//! - `authority`: the hosts that are this server, and the URLs that lead back to it

mod admin;
mod app;
mod authority;
mod cdp_socket;
mod cloudflare_domain;
mod error;
mod extract;
mod link_holder;
mod middleware;
mod router;
mod routes;
pub(crate) mod server;
