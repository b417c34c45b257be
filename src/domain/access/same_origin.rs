//! Whether a request that changes something comes from our own page, as a browser's POST or DELETE has to.

/// Whether a request that changes something comes from our own page, or from no browser at all.
///
/// `sec-fetch-site` is what browsers say themselves and pages can't forge; older ones send `origin` alone.
pub(crate) fn is_same_origin(own_origin: &str, header: impl Fn(&str) -> Option<String>) -> bool {
    match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == own_origin,
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_and_programs_pass() {
        for (site, origin, passes) in [
            (Some("same-origin"), Some("https://us.example"), true),
            (Some("same-site"), Some("https://us.example"), false),
            (Some("cross-site"), None, false),
            (Some("none"), None, false),
            (None, Some("https://us.example"), true),
            (None, Some("null"), false),
            (None, Some("https://evil.example"), false),
            (None, None, true),
        ] {
            let header = |name: &str| match name {
                "sec-fetch-site" => site.map(str::to_owned),
                _ => origin.map(str::to_owned),
            };
            assert_eq!(is_same_origin("https://us.example", header), passes, "{site:?} {origin:?}");
        }
    }
}
