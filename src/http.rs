//! HTTP: what comes in, and what goes out.
//!
//! - [`router`]: every route on one screen · [`routes`]: one endpoint, or what belongs to it, a file
//! - [`context`]: a request and what it is answered with · [`request`], [`reply`]: the platform's, as plain values
//! - [`journal`]: what is noted of a request, and its line in the log · [`request_id`]: what it is called there
//! - [`error`]: the only place that turns errors into answers · [`problem`]: what programs are told · [`pages`]: what people see
//! - [`views`]: what the API shows · `openapi` (tests): its description

mod context;
mod error;
mod journal;
#[cfg(test)]
mod openapi;
mod pages;
mod problem;
mod reply;
mod request;
mod request_id;
mod router;
mod routes;
mod views;

#[cfg(test)]
pub(crate) use error::Error;
#[cfg(test)]
pub(crate) use journal::Journal;
#[cfg(test)]
pub(crate) use reply::Reply;
pub(crate) use request::Request;
pub(crate) use router::route;
#[cfg(test)]
pub(crate) use routes::{
    open::{carry_out, redirect},
    permalink::click_again,
};
