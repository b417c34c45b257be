//! Who it is: by an access token, a sign-in at Cloudflare Access, or, where everyone may, nobody in particular.

mod team;

use crate::domain::access::{own_host, tokens};
use crate::domain::{Access, Caller};
use crate::js::Context;
use cloudflare_access::InvalidJwt;

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
    SignIn(#[from] InvalidJwt),
    #[error("the keys of the Cloudflare Access team, which sign-ins are checked with, can't be read right now")]
    SignInUnavailable { retry_after_seconds: u64 },
    #[error("`{0}` is not a name of this service; its operator can list it (PUBLIC_HOSTS)")]
    NotOurHost(String),
}

/// Names the caller of a request to a host.
///
/// # Errors
/// Why nobody in particular is behind the request, where somebody has to be.
pub(crate) async fn identify(
    access: &Access, host: &str, header: impl Fn(&str) -> Option<String>, context: &Context,
) -> Result<Caller, Denied> {
    let given = header("authorization");
    if let Some(name) = given.as_deref().and_then(|header| tokens::identify(&access.tokens, header)) {
        return Ok(Caller::known(name));
    }
    let mut denied = match (&given, access.tokens.is_empty()) {
        (_, true) => Denied::NoSignIn,
        (None, false) => Denied::NoToken,
        (Some(_), false) => Denied::WrongToken,
    };
    let assertion = || header("cf-access-jwt-assertion").or_else(|| cookie(&header("cookie")?, "CF_Authorization"));
    if let Some(team) = &access.team
        && let Some(assertion) = assertion()
    {
        match team::identify(team, &assertion, context).await {
            Ok(name) => return Ok(Caller::known(name)),
            Err(error) => denied = error,
        }
    }
    if !access.open {
        return Err(denied);
    }
    if !own_host::is_own(host, &access.public_hosts) {
        return Err(Denied::NotOurHost(host.to_owned()));
    }
    // Tells people apart who don't say who they are, as far as their requests do.
    let client = ["cf-connecting-ip", "user-agent"].map(|name| header(name).unwrap_or_default()).join(" ");
    Ok(Caller::unknown("anonymous", &client))
}

fn cookie(cookies: &str, name: &str) -> Option<String> {
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}
