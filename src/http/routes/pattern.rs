//! What the log calls a path: its route's pattern, as openapi.json has it. There are as many as there are routes, and nothing
//! that a caller sends is in one.

/// The pattern of a path. What is no route is the prefix form's, whether it holds a URL or not.
pub(crate) fn pattern(path: &str) -> &'static str {
    let segments: Vec<_> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        [""] => "/",
        ["healthz"] => "/healthz",
        ["links"] => "/links",
        ["links", _, "revoke"] => "/links/{id}/revoke",
        ["metrics"] => "/metrics",
        ["opensearch.xml"] => "/opensearch.xml",
        ["sessions", _, "close"] => "/sessions/{id}/close",
        ["sign-in"] => "/sign-in",
        ["openapi.json"] => "/openapi.json",
        ["api", "sessions"] => "/api/sessions",
        ["api", "sessions", _] => "/api/sessions/{id}",
        ["api", "sessions", _, "recording"] => "/api/sessions/{id}/recording",
        ["api", "sessions", _, "tabs", _, "har"] => "/api/sessions/{id}/tabs/{tab}/har",
        ["api", "links"] => "/api/links",
        ["api", "links", _] => "/api/links/{id}",
        ["api", "sweep"] => "/api/sweep",
        ["api", ..] => "/api",
        ["l", _] => "/l/{token}",
        ["s", _] => "/s/{session}",
        ["s", _, _] => "/s/{session}/{target}",
        _ => "/{url}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn patterns_are_the_paths_of_the_document() {
        let document: Value = serde_json::from_str(crate::http::openapi::DOCUMENT).unwrap();
        for path in document["paths"].as_object().unwrap().keys() {
            assert_eq!(pattern(path), path);
        }
    }

    #[test]
    fn patterns_hold_nothing_that_a_caller_sends() {
        for (path, expected) in [
            ("/https://e.com/s3cret", "/{url}"),
            ("/l/1.key.s3cret.mac", "/l/{token}"),
            ("/l/1.key/s3cret", "/{url}"),
            ("/s/s3cret", "/s/{session}"),
            ("/api/s3cret", "/api"),
            ("/favicon.ico", "/{url}"),
            ("", "/{url}"),
        ] {
            assert_eq!(pattern(path), expected, "{path}");
        }
    }
}
