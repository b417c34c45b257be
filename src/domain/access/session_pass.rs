//! What lets a browser that came by a signed link back to the session that was opened for it, and to no other: a cookie with
//! the session's id under HMAC-SHA256. It is given for sessions that are recorded, whose permalinks have more to show.

use super::signed_link::LinkKey;
use crate::domain::session::SessionId;

/// Before a session's id: its cookie's name.
const COOKIE: &str = "devtools-link-session-";
/// As long as recordings are kept.
const COOKIE_SECONDS: u32 = 30 * 24 * 60 * 60;

/// The cookie, as it is set.
pub(crate) fn cookie(session_id: &SessionId, key: &LinkKey, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    let mac = key.sign(&signed(session_id));
    format!("{COOKIE}{session_id}={mac}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}")
}

/// Whether a browser's cookies hold a session's.
pub(crate) fn is_held(cookies: &str, session_id: &str, keys: &[LinkKey]) -> bool {
    let signed = signed(&session_id.into());
    let mut macs = cookies
        .split(';')
        .filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix(session_id)?.strip_prefix('='));
    macs.any(|mac| keys.iter().any(|key| key.has_signed(&signed, mac)))
}

/// The session whose pass a browser was given last.
pub(crate) fn last<'a>(cookies: &'a str, keys: &[LinkKey]) -> Option<&'a str> {
    let passes = cookies.split(';').filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.split('=').next());
    passes.rev().find(|session_id| is_held(cookies, session_id, keys))
}

/// No signed link begins like this.
fn signed(session_id: &SessionId) -> String {
    format!("session.{session_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 2] =
        ["new:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "old:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="];

    #[test]
    fn a_pass_is_for_its_session_alone_and_by_our_keys_alone() {
        let keys = LinkKey::parse_list(&KEYS).unwrap();
        let set = cookie(&"s-1".into(), &keys[1], true);
        assert!(set.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"), "{set}");
        let sent = format!("a=b; {}", set.split(';').next().unwrap());
        assert!(is_held(&sent, "s-1", &keys));
        assert!(!is_held(&sent, "s-1", &keys[..1]), "its key was taken away");
        let newer = cookie(&"s-2".into(), &keys[0], true);
        let both = format!("{sent}; {}; devtools-link-session-s-3=x", newer.split(';').next().unwrap());
        assert_eq!((last(&both, &keys), last(&sent, &keys), last("a=b", &keys)), (Some("s-2"), Some("s-1"), None));
        for other in [sent.replace("s-1", "s-2"), sent.replace("=", "=x"), "devtools-link-session-s-1=".to_owned()] {
            assert!(!is_held(&other, "s-1", &keys) && !is_held(&other, "s-2", &keys), "{other}");
        }
        assert!(!is_held(&sent, "", &keys) && !is_held(&sent, "s", &keys));
    }
}
