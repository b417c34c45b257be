//! A Cloudflare Access team: its published keys, and whether one of them signed a token.

use super::Denied;
use crate::domain::Team;
use crate::js::{self, Context, Outcome, Timer};
use crate::log;
use cloudflare_access::{FETCH_DEADLINE_MS, InvalidJwt, Jwt, Key, KeyCache, KeySet, NoKey, Step, WAIT_MS};
use futures_util::future::select;
use std::cell::RefCell;
use wasm_bindgen::JsValue;

thread_local! {
    /// One isolate serves one team.
    static KEYS: RefCell<KeyCache> = RefCell::default();
    /// The fetch that is under way, or was the last. A promise is all that requests may share: the platform wakes each in its
    /// own context. <https://developers.cloudflare.com/workers/configuration/compatibility-flags/#handle-cross-request-promise-resolution>
    static FETCH: RefCell<Option<JsValue>> = RefCell::default();
}

/// Verifies a token and answers whom it names.
pub(super) async fn identify(team: &Team, token: &str, context: &Context) -> Result<String, Denied> {
    let jwt = Jwt::parse(token)?;
    let key = key(team, &jwt.key_id, context).await?;
    if !is_signed_by(&jwt, &key).await {
        return Err(InvalidJwt::Signature.into());
    }
    Ok(jwt.name(&team.origin, &team.audiences, js::now_ms() / 1_000)?)
}

async fn key(team: &Team, key_id: &str, context: &Context) -> Result<Key, Denied> {
    let fetch = match KEYS.with_borrow_mut(|keys| keys.step(key_id, js::now_ms())) {
        Step::LookUp => None,
        Step::Fetch => Some(begin_fetch(team, context)),
        Step::Wait => FETCH.with_borrow(Clone::clone),
    };
    if let Some(fetch) = fetch {
        select(js::settled(&fetch), Timer::new(WAIT_MS)).await;
    }
    KEYS.with_borrow(|keys| keys.look_up(key_id, js::now_ms())).map_err(|error| match error {
        NoKey::Unknown => InvalidJwt::UnknownKey.into(),
        NoKey::Unavailable { retry_after_seconds } => Denied::SignInUnavailable { retry_after_seconds },
    })
}

/// Fetches the keys for everybody who waits for them, to the end even if the caller of this request leaves.
fn begin_fetch(team: &Team, context: &Context) -> JsValue {
    let url = format!("{}/cdn-cgi/access/certs", team.origin);
    let fetch = js::promised(async move {
        let fetched = fetch_keys(&url).await;
        if let Err(error) = &fetched {
            log::error("access_keys_failed", error);
        }
        KEYS.with_borrow_mut(|keys| keys.fetched(fetched.ok(), js::now_ms()));
        Ok(JsValue::UNDEFINED)
    });
    FETCH.set(Some(fetch.clone()));
    context.wait_until_settled(&fetch);
    fetch
}

async fn fetch_keys(url: &str) -> Result<Vec<Key>, String> {
    let Outcome { status, text, .. } = js::exchange(None, ("GET", url), None, None, FETCH_DEADLINE_MS).await;
    match status {
        200 => lean_json::read(&text).map(|KeySet { keys }| keys).map_err(|error| error.to_string()),
        0 => Err(text),
        _ => Err(format!("it was answered with status {status}")),
    }
}

async fn is_signed_by(jwt: &Jwt, key: &Key) -> bool {
    let (Some(n), Some(e)) = (&key.n, &key.e) else { return false };
    let Outcome { status, text, .. } = js::verify((n, e), &jwt.signature, &jwt.signed).await;
    status == 200 && text == "true"
}
