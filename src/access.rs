//! Who may click: the first that fits of access tokens, Cloudflare Access, and everyone. Signed links are apart, in
//! [`crate::signed_link`]. What is not configured accepts nobody.
//!
//! - [`tokens`] reads `ACCESS_TOKENS`
//! - [`jwt`]: what a token of Cloudflare Access has to say, pure
//! - [`team`]: `ACCESS_TEAM`: its published keys, and the signature
//! - [`keys`]: when those keys are fetched, and whose turn it is, pure
//! - [`same_origin`]: whether a browser's POST comes from our own page
//! - [`own_host`]: whether a request names a host of ours, where everyone may click

pub(crate) mod jwt;
mod keys;
pub(crate) mod own_host;
mod same_origin;
mod team;
pub(crate) mod tokens;

pub(crate) use same_origin::is_same_origin;

use crate::caller::Caller;
use crate::config::Access;
use crate::router::Visit;

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
    #[error("the keys of the Cloudflare Access team, which sign-ins are checked with, can't be read right now")]
    SignInUnavailable { retry_after_seconds: u64 },
    #[error("`{0}` is not a name of this service; its operator can list it in PUBLIC_HOSTS")]
    NotOurHost(String),
}

/// Names the caller.
pub(crate) async fn identify(access: &Access, visit: &Visit<'_>) -> Result<Caller, Denied> {
    let request = visit.request;
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
            Some(assertion) => match team::identify(team, &assertion, visit.context).await {
                Ok(name) => return Ok(Caller::known(name)),
                Err(error) => denied = error,
            },
            None if access.tokens.is_empty() => denied = Denied::NoSignIn,
            None => {}
        }
    }
    if !access.open {
        return Err(denied);
    }
    if !own_host::is_own(request.host(), &access.public_hosts) {
        return Err(Denied::NotOurHost(request.host().to_owned()));
    }
    Ok(Caller::unknown("anonymous", &request.client()))
}
