//! Who may click: the first that fits of access tokens, Cloudflare Access, and everyone. Signed links are apart, in
//! [`crate::signed_link`]. What is not configured accepts nobody.
//!
//! - [`tokens`] reads `ACCESS_TOKENS`
//! - [`jwt`]: what a token of Cloudflare Access has to say, pure
//! - [`team`]: `ACCESS_TEAM`: its published keys, and the signature
//! - [`same_origin`]: whether a browser's POST comes from our own page

pub(crate) mod jwt;
mod same_origin;
mod team;
pub(crate) mod tokens;

pub(crate) use same_origin::is_same_origin;

use crate::caller::Caller;
use crate::config::Access;
use crate::request::Request;

/// Why nobody in particular is behind a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Denied {
    #[error("this needs an access token, as `Authorization: Bearer …` or as the password a browser asks for")]
    NoToken,
    #[error("the access token is wrong")]
    WrongToken,
    #[error("this needs a sign-in at Cloudflare Access")]
    NoSignIn,
    #[error("the sign-in at Cloudflare Access is not accepted: {0}")]
    SignIn(#[from] jwt::InvalidJwt),
}

/// Names the caller.
pub(crate) async fn identify(access: &Access, request: &Request) -> Result<Caller, Denied> {
    let given = request.header("authorization");
    if let Some(name) = given.as_deref().and_then(|header| tokens::identify(&access.tokens, header)) {
        return Ok(Caller::known(name));
    }
    let mut denied = match (&given, access.tokens.is_empty()) {
        (_, true) => Denied::NoSignIn,
        (None, false) => Denied::NoToken,
        (Some(_), false) => Denied::WrongToken,
    };
    if let Some(team) = &access.team {
        match request.header("cf-access-jwt-assertion").or_else(|| request.cookie("CF_Authorization")) {
            Some(assertion) => match team::identify(team, &assertion).await {
                Ok(name) => return Ok(Caller::known(name)),
                Err(error) => denied = error.into(),
            },
            None if access.tokens.is_empty() => denied = Denied::NoSignIn,
            None => {}
        }
    }
    if access.open { Ok(Caller::unknown("anonymous", &request.client())) } else { Err(denied) }
}
