//! `ACCESS_TOKENS`: `name:token`, several, comma-separated.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

/// A shorter token could be guessed.
const MIN_LENGTH: usize = 20;

/// A token and whose it is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccessToken {
    name: String,
    token: String,
}

/// Reads the list. An error says what is wrong with it, without the token.
pub(crate) fn parse(list: &str) -> Result<Vec<AccessToken>, String> {
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).enumerate().map(parse_one).collect()
}

fn parse_one((index, entry): (usize, &str)) -> Result<AccessToken, String> {
    let number = index + 1;
    let (name, token) = entry.split_once(':').ok_or_else(|| format!("entry {number} has no name before a colon"))?;
    let (name, token) = (name.trim(), token.trim());
    if name.is_empty() || name == "anonymous" || name.starts_with("link ") {
        return Err(format!("entry {number}'s name `{name}` is empty or reserved"));
    }
    if token.len() < MIN_LENGTH {
        return Err(format!("the token of `{name}` has {} characters, fewer than {MIN_LENGTH}", token.len()));
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
    let decoded = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

/// Without the token.
impl std::fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "AccessToken({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ADA: &str = "ada-token-0123456789";
    const BOB: &str = "bob-token:9876543210";

    fn name(header: &str) -> Option<String> {
        identify(&parse(&format!("ada:{ADA}, bob:{BOB}")).unwrap(), header)
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
        assert_eq!(parse("ada:short").unwrap_err(), "the token of `ada` has 5 characters, fewer than 20");
        assert_eq!(parse(&format!("ada:{ADA},bob:{BOB}")).map(|tokens| tokens.len()), Ok(2));
        assert_eq!(parse("0123456789012345678901").unwrap_err(), "entry 1 has no name before a colon");
        assert!(parse(&format!("anonymous:{ADA}")).is_err());
        assert!(!format!("{:?}", parse(&format!("ada:{ADA}"))).contains(ADA));
    }

    proptest! {
        #[test]
        fn no_header_but_the_right_one_passes(header in "\\PC{0,60}") {
            prop_assume!(!header.contains(ADA) && !header.contains(BOB));
            prop_assert_eq!(name(&header), None);
        }
    }
}
