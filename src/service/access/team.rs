//! A Cloudflare Access team: its published keys, and whether one of them signed a token.

use super::Denied;
use crate::domain::Team;
use crate::js::{self, Timer};
use crate::log;
use cloudflare_access::{FETCH_DEADLINE_MS, InvalidJwt, Jwt, Key, KeyCache, KeySet, NoKey, Step, WAIT_MS};
use futures_util::future::select;
use lean_json::ToJson;
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Context;
use worker::js_sys::{Object, Promise, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::{JsFuture, future_to_promise};
use worker::web_sys::Response;

/// What a key is made for.
#[derive(ToJson)]
struct Algorithm {
    name: &'static str,
    hash: &'static str,
}

/// A JSON Web Key.
#[derive(ToJson)]
struct Rsa<'a> {
    kty: &'static str,
    n: &'a Option<String>,
    e: &'a Option<String>,
}

thread_local! {
    /// One isolate serves one team.
    static KEYS: RefCell<KeyCache> = RefCell::default();
    /// The fetch that is under way, or was the last. A promise is all that requests may share: the platform wakes each in its
    /// own context. <https://developers.cloudflare.com/workers/configuration/compatibility-flags/#handle-cross-request-promise-resolution>
    static FETCH: RefCell<Option<Promise>> = RefCell::default();
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    fn import_key(
        format: &str, key: &Object, algorithm: &Object, extractable: bool, usages: &JsValue,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
    fn verify(algorithm: &str, key: &JsValue, signature: &Uint8Array, data: &Uint8Array) -> Result<Promise, JsValue>;
}

/// Verifies a token and answers whom it names.
pub(super) async fn identify(team: &Team, token: &str, context: &Context) -> Result<String, Denied> {
    let jwt = Jwt::parse(token)?;
    let key = key(team, &jwt.key_id, context).await?;
    match is_signed_by(&jwt, &key).await {
        Ok(true) => Ok(jwt.name(&team.origin, &team.audiences, js::now_ms() / 1_000)?),
        Ok(false) | Err(_) => Err(InvalidJwt::Signature.into()),
    }
}

async fn key(team: &Team, key_id: &str, context: &Context) -> Result<Key, Denied> {
    let fetch = match KEYS.with_borrow_mut(|keys| keys.step(key_id, js::now_ms())) {
        Step::LookUp => None,
        Step::Fetch => Some(begin_fetch(team, context)),
        Step::Wait => FETCH.with_borrow(Clone::clone),
    };
    if let Some(fetch) = fetch {
        select(JsFuture::from(fetch), Timer::new(WAIT_MS)).await;
    }
    KEYS.with_borrow(|keys| keys.look_up(key_id, js::now_ms())).map_err(|error| match error {
        NoKey::Unknown => InvalidJwt::UnknownKey.into(),
        NoKey::Unavailable { retry_after_seconds } => Denied::SignInUnavailable { retry_after_seconds },
    })
}

/// Fetches the keys for everybody who waits for them, to the end even if the caller of this request leaves.
fn begin_fetch(team: &Team, context: &Context) -> Promise {
    let url = format!("{}/cdn-cgi/access/certs", team.origin);
    let fetch = future_to_promise(async move {
        let fetched = fetch_keys(&url).await;
        if let Err(error) = &fetched {
            log::error("access_keys_failed", error);
        }
        KEYS.with_borrow_mut(|keys| keys.fetched(fetched.ok(), js::now_ms()));
        Ok(JsValue::UNDEFINED)
    });
    FETCH.set(Some(fetch.clone()));
    let to_its_end = JsFuture::from(fetch.clone());
    context.wait_until(async { drop(to_its_end.await) });
    fetch
}

async fn fetch_keys(url: &str) -> Result<Vec<Key>, String> {
    let text = async {
        let init = Object::new();
        js::set(&init, "signal", &js::deadline(FETCH_DEADLINE_MS));
        let response: Response = JsFuture::from(js::global().fetch(url, &init)?).await?.unchecked_into();
        let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
        Ok::<_, JsValue>((response.status(), text))
    };
    let (status, text) = text.await.map_err(|error| format!("{error:?}"))?;
    if status != 200 {
        return Err(format!("it was answered with status {status}"));
    }
    lean_json::read(&text).map(|KeySet { keys }| keys).map_err(|error| error.to_string())
}

async fn is_signed_by(jwt: &Jwt, key: &Key) -> Result<bool, JsValue> {
    let algorithm = js::object(&Algorithm { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" });
    // Not as the key set has it: what a key may be used for is said here.
    let key = js::object(&Rsa { kty: "RSA", n: &key.n, e: &key.e });
    let usages = worker::js_sys::Array::of1(&"verify".into());
    let key = JsFuture::from(import_key("jwk", &key, &algorithm, false, &usages)?).await?;
    let (signature, data) = (Uint8Array::from(&jwt.signature[..]), Uint8Array::from(jwt.signed.as_bytes()));
    Ok(JsFuture::from(verify("RSASSA-PKCS1-v1_5", &key, &signature, &data)?).await?.is_truthy())
}
