//! What another program says of a failure, without what it quotes of pages' URLs: those can hold secrets, and the log is read
//! by more people than may see them.

use page_url::{PageUrl, query};

/// What takes a quote's place.
const REDACTED: &str = "[redacted]";
/// Shorter pieces of a URL say nothing, and stand in other words.
const SHORTEST: usize = 4;
/// Nor do a path's, unless they are longer than words.
const SHORTEST_SEGMENT: usize = 12;

/// A text without the URLs in it, of which their origins stay, and without any piece of this page's.
pub(crate) fn redact(text: &str, page: Option<&PageUrl>) -> String {
    let mut text = without_paths(text);
    for piece in page.map(pieces).unwrap_or_default() {
        text = text.replace(&piece, REDACTED);
        // Others' words are cut at a length: the quote may be, too.
        if let Some(cut) = (SHORTEST..piece.len()).rev().find(|end| text.ends_with(piece.get(..*end).unwrap_or("\0"))) {
            text.truncate(text.len() - cut);
            text.push_str(REDACTED);
        }
    }
    text
}

/// What a text can quote of a URL behind its host, in each spelling: the whole before its parts.
fn pieces(page: &PageUrl) -> Vec<String> {
    let (mut spelled, behind) = (Vec::new(), behind_host(page.as_str()));
    let path = behind.find(is_value).unwrap_or(behind.len());
    for whole in [behind, &behind[..path], behind.get(path + 1..).unwrap_or("")] {
        push_spellings(&mut spelled, whole, SHORTEST);
    }
    let mut at = 0;
    for part in behind.split(|c| c == '/' || is_value(c)) {
        push_spellings(&mut spelled, part, if at > path { SHORTEST } else { SHORTEST_SEGMENT });
        at += part.len() + 1;
    }
    spelled
}

/// A URL from its path on.
fn behind_host(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    url[host..].find(|c| c == '/' || is_value(c)).map_or("", |path| &url[host + path..])
}

/// Whether a query's or fragment's name or value begins behind this.
fn is_value(c: char) -> bool {
    matches!(c, '?' | '#' | '&' | '=')
}

/// A piece as it is, as we send it, as others percent-encode it, percent-encoding undone, and as HTML has it.
fn push_spellings(spelled: &mut Vec<String>, piece: &str, shortest: usize) {
    if piece.len() < shortest {
        return;
    }
    let encoded = query::encode(piece);
    let mut as_component = encoded.clone();
    for (code, character) in [("%2D", "-"), ("%5F", "_"), ("%2E", "."), ("%7E", "~")] {
        as_component = as_component.replace(code, character);
    }
    let decoded = query::decode(piece).map_or_else(|| piece.to_owned(), std::borrow::Cow::into_owned);
    spelled.extend([piece.to_owned(), encoded, as_component, piece.replace('&', "&amp;"), decoded]);
}

/// Of each URL its scheme and host.
fn without_paths(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some((at, encoded)) = next_url(rest) {
        let (before, url) = rest.split_at(at);
        let end = url.find(is_end).unwrap_or(url.len());
        kept.push_str(before);
        kept.push_str(if encoded { REDACTED } else { origin(&url[..end]) });
        rest = &url[end..];
    }
    kept + rest
}

/// Whether a URL in a text ends before this.
fn is_end(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '{' | '}' | '|' | '\\' | '^')
}

/// Where the next URL starts behind its scheme, and whether it is percent-encoded.
fn next_url(text: &str) -> Option<(usize, bool)> {
    let mut next = None;
    for (mark, encoded) in [("://", false), ("%3A%2F%2F", true), ("%3a%2f%2f", true)] {
        if let Some(at) = text.find(mark)
            && next.is_none_or(|(before, _)| at < before)
        {
            next = Some((at, encoded));
        }
    }
    next
}

/// `://host` of what starts so; of one with a user name nothing.
fn origin(url: &str) -> &str {
    let origin = &url[..url.len() - behind_host(url).len()];
    if origin.contains('@') { "://…" } else { origin }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = "https://e.com/reset/k3y?token=s3cret%2F1&user=ada@e.com#fragment-7";

    fn redacted(text: &str) -> String {
        redact(text, Some(&PageUrl::parse(PAGE).unwrap()))
    }

    #[test]
    fn a_quoted_url_is_told_by_its_origin() {
        for (text, told) in [
            ("no route to https://e.com/a?b=c today", "no route to https://e.com today"),
            ("\"wss://live.browser.run/api?jwt=a.b.c\" failed", "\"wss://live.browser.run\" failed"),
            ("<a href=\"http://[::1]:1/x\">", "<a href=\"http://[::1]:1\">"),
            ("https://ada:secret@e.com/", "https://…"),
            ("url=https%3A%2F%2Fe%2Ecom%2F%3Fa is bad", "url=https[redacted] is bad"),
            ("acquire: Authentication failed", "acquire: Authentication failed"),
            ("://", "://"),
        ] {
            assert_eq!(redact(text, None), told);
        }
    }

    #[test]
    fn no_spelling_of_the_clicks_url_is_told() {
        for text in [
            PAGE.to_owned(),
            query::encode(PAGE),
            PAGE.replace("https:", ""),
            "cannot GET /reset/k3y?token=s3cret%2F1&amp;user=ada@e.com".to_owned(),
            "the token s3cret/1 of user=ada@e.com".to_owned(),
            "%2Freset%2Fk3y%3Ftoken%3Ds3cret%252F1%26user%3Dada%40e.com".to_owned(),
        ] {
            let told = redacted(&text);
            assert!(!told.contains("s3cret") && !told.contains("ada") && !told.contains("reset"), "{text}: {told}");
        }
    }

    proptest! {
        #[test]
        fn wherever_a_text_is_cut_no_secret_is_told(length in 0_usize..120) {
            let text = "navigating to /reset/k3y?token=s3cret%2F1&user=ada@e.com failed";
            let told = redacted(&text[..length.min(text.len())]);
            prop_assert!(!told.contains("s3cr") && !told.contains("@e.c"), "{}", told);
        }

        #[test]
        fn any_text_is_redacted(text: String) {
            redacted(&text);
        }
    }
}
