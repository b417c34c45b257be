//! Query strings: decoded strictly, as HTML forms and `URLSearchParams` write them (`+` is a space).

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// Percent-encodes everything that could mean anything in a query.
#[must_use]
pub fn encode(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

/// The names and values of a query string, in order. An error is the piece that is not percent-encoded UTF-8.
pub fn pairs(query: &str) -> impl Iterator<Item = Result<(Cow<'_, str>, Cow<'_, str>), &str>> {
    query.split('&').filter(|piece| !piece.is_empty()).map(|piece| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        Ok((form_decode(name).ok_or(piece)?, form_decode(value).ok_or(piece)?))
    })
}

/// Decodes percent-encoded UTF-8.
#[must_use]
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}

fn form_decode(text: &str) -> Option<Cow<'_, str>> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Some(Cow::Owned(decode(&spaced)?.into_owned()));
    }
    decode(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pairs_are_decoded_as_forms_write_them() {
        let read: Vec<_> = pairs("url=a%20b+c%2B&readonly&&x=1=2").map(Result::unwrap).collect();
        assert_eq!(read, [("url".into(), "a b c+".into()), ("readonly".into(), "".into()), ("x".into(), "1=2".into())]);
        assert_eq!(pairs("a=1&b=%ff").last(), Some(Err("b=%ff")));
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_is_decoded_again(value: String) {
            let query = format!("url={}&next=1", encode(&value));
            let (_, read) = pairs(&query).next().unwrap().unwrap();
            prop_assert_eq!(read, value);
        }
    }
}
