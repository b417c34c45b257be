//! `GET /ui/{name}`: one of our own scripts and styles for live views. They are public.

use axum::{extract::Path, response::Response};

use crate::{error::Error, pages};

pub(crate) async fn handle(Path(name): Path<String>) -> Result<Response, Error> {
    pages::file(&name).ok_or(Error::NoRoute)
}
