//! `GET /ui/{name}`: one of our own scripts and styles for live views. They are public.

use axum::{extract::Path, response::Response};

use super::super::error::Error;
use crate::live_view::assets;

pub(crate) async fn handle(Path(name): Path<String>) -> Result<Response, Error> {
    assets::asset(&name).ok_or(Error::NoRoute)
}
