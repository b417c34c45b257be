//! `ACCESS_TOKENS`: `name:token`, several, comma-separated.

use subtle::ConstantTimeEq;

/// A shorter token could be guessed.
const MIN_LENGTH: usize = 20;

/// A token and whose it is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccessToken {
    name: String,
    token: String,
}

/// Reads the list's entries. An error is for everyone to see: it tells an entry's number and nothing of its text, since in a
/// reversed entry the token stands where the name belongs.
pub(crate) fn parse(entries: &[&str]) -> Result<Vec<AccessToken>, String> {
    let entries = entries.iter().enumerate();
    entries.map(|(index, entry)| parse_one(entry).map_err(|why| format!("entry {} {why}", index + 1))).collect()
}

fn parse_one(entry: &str) -> Result<AccessToken, String> {
    let (name, token) = entry.split_once(':').ok_or("has no name before a colon")?;
    let (name, token) = (name.trim(), token.trim());
    if name.is_empty() || name == "anonymous" || name.starts_with("link ") {
        return Err("has a name that is empty or reserved".to_owned());
    }
    if token.len() < MIN_LENGTH {
        return Err(format!("has a token of fewer than {MIN_LENGTH} characters behind its colon"));
    }
    Ok(AccessToken { name: name.to_owned(), token: token.to_owned() })
}

/// Names who an `authorization` header belongs to: Bearer, or Basic with the token as password.
pub(crate) fn identify(tokens: &[AccessToken], header: &str) -> Option<String> {
    let given = credential(header)?;
    let mut name = None;
    // All are compared, so that the time tells nothing.
    for token in tokens {
        if bool::from(token.token.as_bytes().ct_eq(given.as_bytes())) {
            name.get_or_insert_with(|| token.name.clone());
        }
    }
    name
}

fn credential(header: &str) -> Option<String> {
    let (scheme, value) = header.trim().split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(value.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(lean_base64::decode(value.trim())?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

/// Without the token, and without the name: they may have been mixed up.
impl std::fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AccessToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    const ADA: &str = "ada-token-0123456789";
    const BOB: &str = "bob-token:9876543210";

    fn name(header: &str) -> Option<String> {
        identify(&parse(&[&format!("ada:{ADA}"), &format!("bob : {BOB}")]).unwrap(), header)
    }

    #[test]
    fn a_bearer_or_a_password_names_its_owner() {
        assert_eq!(name(&format!("Bearer {ADA}")).as_deref(), Some("ada"));
        assert_eq!(name(&format!("bearer  {BOB}")).as_deref(), Some("bob"));
        let basic = |credentials: &str| format!("Basic {}", STANDARD.encode(credentials));
        assert_eq!(name(&basic(&format!("whoever:{ADA}"))).as_deref(), Some("ada"));
        assert_eq!(name(&basic(&format!(":{BOB}"))).as_deref(), Some("bob"));
        for wrong in ["", "Bearer", "Bearer x", "Basic !!!", ADA, &format!("Token {ADA}"), &format!("Bearer {ADA}x")] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
        assert_eq!(name(&basic(ADA)), None, "no colon, no password");
    }

    #[test]
    fn a_wrong_list_is_refused_without_telling_tokens() {
        let short = "entry 2 has a token of fewer than 20 characters behind its colon";
        let ada = format!("ada:{ADA}");
        assert_eq!(parse(&[&ada, "bob:short"]).unwrap_err(), short);
        assert_eq!(parse(&["0123456789012345678901"]).unwrap_err(), "entry 1 has no name before a colon");
        for reserved in ["anonymous", "", "link 7"] {
            let why = parse(&[&format!("{reserved}:{ADA}")]).unwrap_err();
            assert_eq!(why, "entry 1 has a name that is empty or reserved");
        }
        assert_eq!(parse(&[&format!("{ADA}:ada")]).unwrap_err(), short.replacen('2', "1", 1), "a reversed entry");
        assert!(!format!("{:?}", parse(&[&ada])).contains(ADA));
    }

    proptest! {
        #[test]
        fn no_header_but_the_right_one_passes(header in "\\PC{0,60}") {
            prop_assume!(!header.contains(ADA) && !header.contains(BOB));
            prop_assert_eq!(name(&header), None);
        }
    }
}
