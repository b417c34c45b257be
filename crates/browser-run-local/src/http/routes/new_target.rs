//! `PUT /browser/{session_id}/json/new`: a tab on exactly the URL that is asked for.

use std::sync::Arc;

use axum::{Json, extract::State};
use browser_run_api::Target;
use serde::Deserialize;
use url::Url;

use super::super::{
    app::App,
    authority::Base,
    error::Error,
    extract::{LinkLifetimeMs, Params},
};
use crate::{cdp::guarded, session::sessions::OpenSession};

#[derive(Deserialize)]
pub(crate) struct Wanted {
    url: Option<String>,
}

pub(crate) async fn handle(
    State(app): State<Arc<App>>, base: Base, session: OpenSession, Params(wanted): Params<Wanted>,
    LinkLifetimeMs(lifetime_ms): LinkLifetimeMs,
) -> Result<Json<Target>, Error> {
    let url = wanted.url.as_deref().unwrap_or("about:blank");
    // Chromium would open `about:blank` instead, silently.
    if let Err(error) = Url::parse(url) {
        return Err(Error::BadRequest(format!("url is not an absolute URL: {error}")));
    }
    if session.policy.is_some() && !guarded::has_network_url(url) {
        return Err(Error::BadRequest(format!("the session's guardrails do not allow {url}")));
    }
    let target = match session.recording.as_ref().filter(|opener| opener.is_recording()) {
        None => session.devtools.open(url).await?,
        Some(opener) => {
            let blank = session.devtools.open("about:blank").await?;
            opener.open(&blank.id, url).await;
            Target { url: url.to_owned(), ..blank }
        }
    };
    Ok(Json(app.links.with_links(&base.host, session.id, target, lifetime_ms, app.clock.now())))
}
