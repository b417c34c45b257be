//! Our own pages and scripts for people: the live view without panels, and what a read-only front end is given.

use axum::{
    body::Bytes,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{Html, IntoResponse, Response},
};
use browser_run_api::LiveViewMode;

use crate::links::View;

const LIVE_VIEW: &str = include_str!("../../ui/live_view.html");

/// What a read-only view's title starts with, as documented.
const READ_ONLY: &str = "READ ONLY - ";

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Files below `/ui/`: their names, types and texts.
const FILES: [(&str, &str, &str); 5] = [
    ("live_view.css", "text/css; charset=utf-8", include_str!("../../ui/live_view.css")),
    ("live_view.js", SCRIPT, include_str!("../../ui/live_view.js")),
    ("cdp.js", SCRIPT, include_str!("../../ui/cdp.js")),
    ("input.js", SCRIPT, include_str!("../../ui/input.js")),
    ("read_only.js", SCRIPT, include_str!("../../ui/read_only.js")),
];

/// One of our own files.
pub(crate) fn file(name: &str) -> Option<Response> {
    let (_, content_type, text) = FILES.into_iter().find(|(known, ..)| *known == name)?;
    Some(([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache")], text).into_response())
}

/// The page of a live view without panels. `socket` is `HOST/api/devtools/…?jwt=…`, and harmless.
pub(crate) fn live_view(view: View, target: &str, socket: &str) -> Html<String> {
    let host = socket.split('/').next().unwrap_or_default();
    let values = [
        ("{mode}", if view.mode == LiveViewMode::Full { "full" } else { "tab" }),
        ("{read_only}", if view.read_only { "true" } else { "false" }),
        ("{title}", if view.read_only { "READ ONLY - Live view" } else { "Live view" }),
        ("{target}", target),
        ("{origins}", &format!("ws://{host} wss://{host}")),
        ("{socket}", socket),
    ];
    Html(values.into_iter().fold(LIVE_VIEW.to_owned(), |page, (name, value)| page.replace(name, value)))
}

/// The front end's page, saying that it is read-only.
pub(crate) fn marked_read_only(inspector: &Bytes) -> Bytes {
    let page = String::from_utf8_lossy(inspector);
    let marked = page.replacen("<title>", &format!("<title>{READ_ONLY}"), 1);
    // Before the front end's own scripts.
    let script = r#"</title><script src="/ui/read_only.js"></script>"#;
    marked.replacen("</title>", script, 1).into()
}

/// As the header of the front end's page.
pub(crate) const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_live_views_page_has_all_its_values() {
        let view = View { mode: LiveViewMode::Full, read_only: true };
        let Html(page) = live_view(view, "8E59", "h:1/api/devtools/browser/s/page/8E59?jwt=a.b.c");
        assert!(!page.contains('{'), "{page}");
        assert!(page.contains(r#"data-mode="full""#) && page.contains("<title>READ ONLY - "), "{page}");
        assert!(page.contains("connect-src ws://h:1 wss://h:1\""), "{page}");
        for part in page.split("\"/ui/").skip(1) {
            assert!(file(part.split('"').next().unwrap()).is_some(), "{part}");
        }
    }

    #[test]
    fn a_read_only_front_end_says_so_before_its_scripts_run() {
        let marked = marked_read_only(&Bytes::from_static(b"<title>DevTools</title><script src=x>"));
        let marked = String::from_utf8(marked.into()).unwrap();
        assert!(marked.starts_with("<title>READ ONLY - DevTools</title><script src=\"/ui/read_only.js\">"), "{marked}");
    }
}
