//! Our own HTML, scripts and styles: the live view without panels, and what Chromium's front end is given.

use super::links::View;
use axum::{
    body::Bytes,
    http::{
        HeaderName, HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY},
    },
    response::{Html, IntoResponse, Response},
};

/// For answers whose URL is a credential.
pub(crate) const NO_STORE: [(HeaderName, &str); 2] = [(CACHE_CONTROL, "no-store"), (REFERRER_POLICY, "no-referrer")];

const LIVE_VIEW: &str = include_str!("../../ui/live_view.html");

/// What a read-only view's title starts with, as documented.
const READ_ONLY: &str = "READ ONLY - ";

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Below `/ui/`: their names, types and texts.
const ASSETS: [(&str, &str, &str); 7] = [
    ("handoff.css", "text/css; charset=utf-8", include_str!("../../ui/handoff.css")),
    ("handoff.js", SCRIPT, include_str!("../../ui/handoff.js")),
    ("live_view.css", "text/css; charset=utf-8", include_str!("../../ui/live_view.css")),
    ("live_view.js", SCRIPT, include_str!("../../ui/live_view.js")),
    ("cdp.js", SCRIPT, include_str!("../../ui/cdp.js")),
    ("input.js", SCRIPT, include_str!("../../ui/input.js")),
    ("read_only.js", SCRIPT, include_str!("../../ui/read_only.js")),
];

/// One of our own scripts or styles.
pub(crate) fn asset(name: &str) -> Option<Response> {
    let (_, content_type, text) = ASSETS.into_iter().find(|(known, ..)| *known == name)?;
    Some(([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache")], text).into_response())
}

/// A live view without panels. `page_socket` is `HOST/api/devtools/…?jwt=…`, and harmless.
pub(crate) fn live_view_html(view: View, target: &str, page_socket: &str) -> Html<String> {
    let host = page_socket.split('/').next().unwrap_or_default();
    let values = [
        ("{mode}", view.mode.as_str()),
        ("{read_only}", if view.read_only { "true" } else { "false" }),
        ("{title}", if view.read_only { "READ ONLY - Live view" } else { "Live view" }),
        ("{target}", target),
        ("{origins}", &format!("ws://{host} wss://{host}")),
        ("{socket}", page_socket),
    ];
    Html(values.into_iter().fold(LIVE_VIEW.to_owned(), |html, (name, value)| html.replace(name, value)))
}

/// The front end's HTML, which shows what its viewer is asked to do, and says when it is read-only.
pub(crate) fn inspector_html(front_end: &Bytes, read_only: bool) -> Bytes {
    const HANDOFF: &str = r#"<script type="module" src="/ui/handoff.js"></script>"#;
    const MARK: &str = r#"<script src="/ui/read_only.js"></script>"#;
    let html = String::from_utf8_lossy(front_end);
    let (title, mark) = if read_only { (READ_ONLY, MARK) } else { ("", "") };
    let html = html.replacen("<title>", &format!("<title>{title}"), 1);
    // Before the front end's own scripts.
    html.replacen("</title>", &format!("</title>{mark}{HANDOFF}"), 1).into()
}

/// The content type of the front end's HTML.
pub(crate) const HTML_TYPE: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

#[cfg(test)]
mod tests {
    use browser_run_api::LiveViewMode;

    use super::*;

    #[test]
    fn the_live_views_html_has_all_its_values() {
        let view = View { mode: LiveViewMode::Full, read_only: true };
        let Html(html) = live_view_html(view, "8E59", "h:1/api/devtools/browser/s/page/8E59?jwt=a.b.c");
        assert!(!html.contains('{'), "{html}");
        assert!(html.contains(r#"data-mode="full""#) && html.contains("<title>READ ONLY - "), "{html}");
        assert!(html.contains("connect-src ws://h:1 wss://h:1\""), "{html}");
        for part in html.split("\"/ui/").skip(1) {
            assert!(asset(part.split('"').next().unwrap()).is_some(), "{part}");
        }
    }

    #[test]
    fn a_read_only_front_end_says_so_before_its_scripts_run() {
        let marked = inspector_html(&Bytes::from_static(b"<title>DevTools</title><script src=x>"), true);
        let marked = String::from_utf8(marked.into()).unwrap();
        assert!(marked.starts_with("<title>READ ONLY - DevTools</title><script src=\"/ui/read_only.js\">"), "{marked}");
    }
}
