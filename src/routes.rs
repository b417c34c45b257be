//! What the routes answer: one endpoint, one file.

pub(crate) mod open;
