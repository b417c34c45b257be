//! A Cloudflare Access team: its published keys, and whether one of them signed a token.

use super::jwt::{InvalidJwt, Jwt};
use crate::config::Team;
use crate::js;
use serde::Deserialize;
use serde_json::{Value, json};
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::js_sys::{Object, Promise, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::Response;

/// The keys are not asked for more often, whatever key ids are sent.
const FETCH_PAUSE_MS: u64 = 60_000;
/// After this the keys are asked for again, so that a withdrawn one stops counting.
const KEYS_LIVE_MS: u64 = 60 * 60_000;
const FETCH_DEADLINE_MS: u32 = 5_000;

/// The team's keys as they were last read.
#[derive(Default)]
struct KeyCache {
    tried_at_ms: Option<u64>,
    read_at_ms: u64,
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

thread_local! {
    /// One isolate serves one team.
    static CACHE: RefCell<KeyCache> = RefCell::default();
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    fn import_key(
        format: &str,
        key: &Object,
        algorithm: &Object,
        extractable: bool,
        usages: &JsValue,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
    fn verify(algorithm: &str, key: &JsValue, signature: &Uint8Array, data: &Uint8Array) -> Result<Promise, JsValue>;
}

/// Verifies a token and answers whom it names.
pub(super) async fn identify(team: &Team, token: &str) -> Result<String, InvalidJwt> {
    let jwt = Jwt::parse(token)?;
    let key = key(team, &jwt.key_id).await?;
    match is_signed_by(&jwt, &key).await {
        Ok(true) => jwt.name(&team.origin, &team.audiences, js::now_ms() / 1_000),
        Ok(false) | Err(_) => Err(InvalidJwt::Signature),
    }
}

async fn key(team: &Team, key_id: &str) -> Result<Value, InvalidJwt> {
    let now_ms = js::now_ms();
    let fetch = CACHE.with_borrow_mut(|cache| {
        let fetch = cache.wants_fetch(key_id, now_ms);
        if fetch {
            cache.tried_at_ms = Some(now_ms);
        }
        fetch
    });
    let fetched = if fetch { Some(fetch_keys(team).await) } else { None };
    CACHE.with_borrow_mut(|cache| {
        let failure = match fetched {
            Some(Ok(keys)) => {
                (cache.keys, cache.read_at_ms) = (keys, now_ms);
                None
            }
            Some(Err(error)) => Some(InvalidJwt::Keys(error)),
            None => None,
        };
        cache.get(key_id).cloned().ok_or_else(|| failure.unwrap_or(InvalidJwt::UnknownKey))
    })
}

async fn fetch_keys(team: &Team) -> Result<Vec<Value>, String> {
    let text = async {
        let init = js::object(&json!({}));
        js::set(&init, "signal", &js::deadline(FETCH_DEADLINE_MS));
        let url = format!("{}/cdn-cgi/access/certs", team.origin);
        let response: Response = JsFuture::from(js::global().fetch(&url, &init)?).await?.unchecked_into();
        JsFuture::from(response.text()?).await
    };
    let text = text.await.map_err(|error| format!("{error:?}"))?.as_string().unwrap_or_default();
    serde_json::from_str(&text).map(|KeySet { keys }| keys).map_err(|error| error.to_string())
}

async fn is_signed_by(jwt: &Jwt, key: &Value) -> Result<bool, JsValue> {
    let algorithm = js::object(&json!({ "name": "RSASSA-PKCS1-v1_5", "hash": "SHA-256" }));
    // Not as the key set has it: what a key may be used for is said here.
    let key = js::object(&json!({ "kty": "RSA", "n": key.get("n"), "e": key.get("e") }));
    let usages = worker::js_sys::Array::of1(&"verify".into());
    let key = JsFuture::from(import_key("jwk", &key, &algorithm, false, &usages)?).await?;
    let (signature, data) = (Uint8Array::from(&jwt.signature[..]), Uint8Array::from(jwt.signed.as_bytes()));
    Ok(JsFuture::from(verify("RSASSA-PKCS1-v1_5", &key, &signature, &data)?).await?.is_truthy())
}

impl KeyCache {
    fn get(&self, key_id: &str) -> Option<&Value> {
        self.keys.iter().find(|key| key.get("kid").and_then(Value::as_str) == Some(key_id))
    }

    fn wants_fetch(&self, key_id: &str, now_ms: u64) -> bool {
        let may = self.tried_at_ms.is_none_or(|tried_at_ms| tried_at_ms + FETCH_PAUSE_MS <= now_ms);
        may && (self.get(key_id).is_none() || self.read_at_ms + KEYS_LIVE_MS <= now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fetched_for_an_unknown_id_but_not_more_than_once_a_minute() {
        let mut cache = KeyCache::default();
        assert!(cache.wants_fetch("k1", 1));
        (cache.tried_at_ms, cache.read_at_ms) = (Some(1), 1);
        cache.keys = vec![json!({ "kid": "k1" })];
        assert!(!cache.wants_fetch("k1", FETCH_PAUSE_MS + 1));
        assert!(!cache.wants_fetch("k2", FETCH_PAUSE_MS));
        assert!(cache.wants_fetch("k2", FETCH_PAUSE_MS + 1));
        assert!(cache.wants_fetch("k1", KEYS_LIVE_MS + 1));
    }
}
