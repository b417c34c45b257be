//! Signed links: everything that a link allows is inside it, and nothing of it can be changed by whoever holds it.
//!
//! A token is `1.{key id}.{payload}.{mac}`: the format's version, which key signed it, the payload's JSON in base64url,
//! and the HMAC-SHA256 of everything before the last dot. The format is described in docs/security.md.

use crate::domain::click::{Click, Options, View};
use crate::domain::session::SignedLinkId;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use browser_run_api::LiveViewMode;
use hmac::{Hmac, Mac};
use lean_json::FromJson;
use lean_json::ToJson;
use page_url::PageUrl;
use sha2::Sha256;
use std::ops::Not;

const VERSION: &str = "1";
/// A shorter key is weaker than the hash.
const MIN_KEY_BYTES: usize = 32;

/// What a link allows. The fields' names are the stored format: they never change their meaning.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignedLink {
    pub(crate) id: SignedLinkId,
    pub(crate) url: PageUrl,
    /// Until when, in epoch seconds.
    pub(crate) exp: u64,
    /// How many browsers.
    pub(crate) max: u32,
    /// The session's inactivity timeout in seconds.
    pub(crate) keep_alive: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<LiveViewMode>,
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) readonly: bool,
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) recording: bool,
    /// Whether a person has to press a button first.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) confirm: bool,
}

/// A key of `LINK_KEYS`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct LinkKey {
    id: String,
    secret: Vec<u8>,
}

/// Why a link is not accepted. A wrong signature tells nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidSignedLink {
    #[error("this link is not one that was made here")]
    Signature,
    #[error("this link has expired")]
    Expired,
}

impl SignedLink {
    /// The link's token, signed with the newest key.
    pub(crate) fn sign(&self, key: &LinkKey) -> String {
        let payload = lean_json::write(self);
        let signed = format!("{VERSION}.{}.{}", key.id, URL_SAFE_NO_PAD.encode(payload));
        format!("{signed}.{}", key.sign(&signed))
    }

    /// Reads a token, if one of the keys signed it.
    pub(crate) fn verify(token: &str, keys: &[LinkKey], now_seconds: u64) -> Result<Self, InvalidSignedLink> {
        let link = Self::authentic(token, keys).ok_or(InvalidSignedLink::Signature)?;
        if link.exp <= now_seconds { Err(InvalidSignedLink::Expired) } else { Ok(link) }
    }

    fn authentic(token: &str, keys: &[LinkKey]) -> Option<Self> {
        let (signed, mac) = token.rsplit_once('.')?;
        let mut parts = signed.split('.');
        let (version, key_id, payload) = (parts.next()?, parts.next()?, parts.next()?);
        let key = keys.iter().find(|key| key.id == key_id)?;
        if !key.has_signed(signed, mac) || version != VERSION || parts.next().is_some() {
            return None;
        }
        lean_json::read(&String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?).ok()
    }

    /// The click that the link stands for.
    pub(crate) fn click(&self) -> Click {
        let options = Options {
            keep_alive_seconds: self.keep_alive,
            recording: self.recording,
            view: View { mode: self.mode, readonly: self.readonly },
        };
        Click { url: self.url.clone(), options, fresh: false }
    }
}

impl LinkKey {
    /// Reads the entries of `LINK_KEYS`: `id:base64`, newest first. An error tells an entry's number and nothing of its text.
    pub(crate) fn parse_list(entries: &[&str]) -> Result<Vec<Self>, String> {
        let entries = entries.iter().enumerate();
        entries.map(|(index, entry)| Self::parse(entry).map_err(|why| format!("entry {} {why}", index + 1))).collect()
    }

    fn parse(entry: &str) -> Result<Self, &'static str> {
        let (id, secret) = entry.split_once(':').ok_or("has no id before a colon")?;
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            return Err("has an id of other than letters, digits, - and _");
        }
        let secret = STANDARD.decode(secret.trim()).map_err(|_| "is not base64 behind its colon")?;
        if secret.len() < MIN_KEY_BYTES {
            return Err("has a key of fewer than 32 bytes");
        }
        Ok(Self { id: id.to_owned(), secret })
    }

    /// The HMAC-SHA256 of a text, in base64url.
    pub(super) fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(text).finalize().into_bytes())
    }

    /// Whether this is a text's.
    pub(super) fn has_signed(&self, text: &str, mac: &str) -> bool {
        URL_SAFE_NO_PAD.decode(mac).is_ok_and(|mac| self.mac(text).verify_slice(&mac).is_ok())
    }

    fn mac(&self, signed: &str) -> Hmac<Sha256> {
        Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length").chain_update(signed)
    }
}

/// Without its secret, and without its id: they may have been mixed up.
impl std::fmt::Debug for LinkKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LinkKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEYS: [&str; 2] =
        ["new:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "old:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="];

    fn keys() -> Vec<LinkKey> {
        LinkKey::parse_list(&KEYS).unwrap()
    }

    fn link() -> SignedLink {
        SignedLink {
            id: "abc".into(),
            url: PageUrl::parse("https://e.com/").unwrap(),
            exp: 1_000,
            max: 20,
            keep_alive: 600,
            mode: None,
            readonly: false,
            recording: false,
            confirm: true,
        }
    }

    #[test]
    fn the_format_is_unchanged() {
        let token = link().sign(&keys()[0]);
        assert_eq!(
            token,
            "1.new.eyJpZCI6ImFiYyIsInVybCI6Imh0dHBzOi8vZS5jb20vIiwiZXhwIjoxMDAwLCJtYXgiOjIwLCJrZWVwX2FsaXZlIjo2MDAsImNvbmZpcm0iOnRydWV9.\
             3YV1qrT66DT8MbJr7WuDwOkR0ELxuNbeYFMooMulN4Q"
        );
    }

    #[test]
    fn a_recorded_links_payload_says_so() {
        let recorded = SignedLink { recording: true, ..link() };
        let payload = lean_json::write(&recorded);
        assert!(payload.ends_with(r#""keep_alive":600,"recording":true,"confirm":true}"#), "{payload}");
        let token = recorded.sign(&keys()[0]);
        assert!(SignedLink::verify(&token, &keys(), 0).unwrap().click().options.recording);
    }

    #[test]
    fn every_key_verifies_what_it_signed_until_it_is_removed() {
        for key in keys() {
            let token = link().sign(&key);
            assert_eq!(SignedLink::verify(&token, &keys(), 999), Ok(link()));
            assert_eq!(SignedLink::verify(&token, &keys(), 1_000), Err(InvalidSignedLink::Expired));
            let others: Vec<_> = keys().into_iter().filter(|other| *other != key).collect();
            assert_eq!(SignedLink::verify(&token, &others, 999), Err(InvalidSignedLink::Signature));
        }
    }

    #[test]
    fn a_wrong_key_list_is_refused_without_telling_keys() {
        assert_eq!(LinkKey::parse_list(&["a:c2hvcnQ="]).unwrap_err(), "entry 1 has a key of fewer than 32 bytes");
        assert_eq!(LinkKey::parse_list(&["c2VjcmV0"]).unwrap_err(), "entry 1 has no id before a colon");
        assert_eq!(LinkKey::parse_list(&["a:not base64!"]).unwrap_err(), "entry 1 is not base64 behind its colon");
        let reversed = "ZmlmdHkgYnl0ZXMgdGhhdCBub2JvZHkgc2hhbGwgc2Vl:new";
        assert_eq!(LinkKey::parse_list(&[reversed]).unwrap_err(), "entry 1 is not base64 behind its colon");
        assert!(LinkKey::parse_list(&["a.b:AAAA"]).is_err());
        assert_eq!(format!("{:?}", keys()), "[LinkKey, LinkKey]");
    }

    proptest! {
        #[test]
        fn no_changed_byte_verifies(index in 0..200_usize, byte in any::<u8>()) {
            let token = link().sign(&keys()[0]);
            let mut bytes = token.clone().into_bytes();
            let index = index % bytes.len();
            prop_assume!(bytes[index] != byte);
            bytes[index] = byte;
            let Ok(changed) = String::from_utf8(bytes) else { return Ok(()) };
            prop_assert_eq!(SignedLink::verify(&changed, &keys(), 0), Err(InvalidSignedLink::Signature));
        }

        #[test]
        fn nothing_else_verifies(token in "(1\\.(new|old)\\.)?[A-Za-z0-9_.-]{0,90}|\\PC{0,60}") {
            prop_assert_eq!(SignedLink::verify(&token, &keys(), 0), Err(InvalidSignedLink::Signature));
        }
    }
}
