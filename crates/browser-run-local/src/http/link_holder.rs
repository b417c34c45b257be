//! Who comes with a link, beside their CDP connection: what they see, and whether they may do more than look.
//!
//! A link starts connections for a few minutes only. What a live view needs later, such as a file that somebody chooses
//! after an hour, goes by the same link for as long as the view is there.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::Deserialize;

use super::{
    app::App,
    error::Error,
    extract::{Params, SessionId, TargetPath},
};
use crate::{
    clock::Millis,
    live_view::links::{Claims, LinkError, PageId, View},
    session::sessions::OpenSession,
};

#[derive(Deserialize)]
struct Credential {
    jwt: Option<String>,
}

/// The holder of a good link to a page of an open session.
pub(crate) struct LinkHolder {
    pub(crate) session: OpenSession,
    /// The page's target, as the link has it.
    pub(crate) target: String,
    pub(crate) view: View,
    pub(crate) jwt: String,
}

impl LinkHolder {
    /// `good_at` says when a link has to be good.
    async fn of(parts: &mut Parts, app: &Arc<App>, good_at: impl FnOnce(&str) -> Millis) -> Result<Self, Error> {
        let SessionId(session) = SessionId::from_request_parts(parts, app).await?;
        let path = Path::<TargetPath>::from_request_parts(parts, app).await.map_err(|_| Error::NoRoute)?;
        let target = path.0.target_id;
        let Params(Credential { jwt }) = Params::from_request_parts(parts, app).await?;
        let jwt = jwt.ok_or(LinkError::Invalid)?;
        let Claims { view, .. } = app.links.check(&jwt, PageId { session, target: &target }, good_at(&jwt))?;
        Ok(Self { session: app.sessions.open(session)?, target, view, jwt })
    }
}

impl FromRequestParts<Arc<App>> for LinkHolder {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        // One that is in use was good when its view came.
        Self::of(parts, app, |jwt| if app.links_in_use.contains(jwt) { 0 } else { app.clock.now() }).await
    }
}

/// The holder of a link that starts connections still, whether it is in use or not. Routes ask for the session's id and for
/// the WebSocket before: what is wrong with those is said first.
pub(crate) struct Starter(pub(crate) LinkHolder);

impl FromRequestParts<Arc<App>> for Starter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        LinkHolder::of(parts, app, |_| app.clock.now()).await.map(Self)
    }
}

/// The holder of a link that lets them do more than look.
pub(crate) struct Controller(pub(crate) LinkHolder);

impl FromRequestParts<Arc<App>> for Controller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let holder = LinkHolder::from_request_parts(parts, app).await?;
        match holder.view.read_only {
            true => Err(Error::Forbidden("A read-only live view does not allow this")),
            false => Ok(Self(holder)),
        }
    }
}
