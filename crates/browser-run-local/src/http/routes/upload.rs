//! `POST /api/devtools/browser/{session_id}/page/{target_id}/files?name=…&jwt=…`: a file for the page.
//!
//! The body is the file. The answer, `{"path": …}`, is what `DOM.setFileInputFiles` takes.

use axum::{
    Json,
    body::{Body, HttpBody as _},
};
use serde::{Deserialize, Serialize};

use super::super::{error::Error, extract::Params, link_holder::Controller};

#[derive(Deserialize)]
pub(crate) struct Name {
    #[serde(default)]
    name: String,
}

#[derive(Serialize)]
pub(crate) struct Kept {
    path: String,
}

pub(crate) async fn handle(
    Controller(holder): Controller, Params(Name { name }): Params<Name>, body: Body,
) -> Result<Json<Kept>, Error> {
    let announced = body.size_hint().exact();
    let path = holder.session.transfers.keep(&name, announced, body.into_data_stream()).await?;
    Ok(Json(Kept { path: path.to_string_lossy().into_owned() }))
}
