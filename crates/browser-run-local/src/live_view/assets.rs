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

/// Below `/ui/`: their names, types and texts.
const ASSETS: [Asset; 27] = [
    script("address.js", include_str!("../../ui/address.js")),
    script("cdp.js", include_str!("../../ui/cdp.js")),
    script("clipboard.js", include_str!("../../ui/clipboard.js")),
    script("control.js", include_str!("../../ui/control.js")),
    script("dialogs.js", include_str!("../../ui/dialogs.js")),
    script("files.js", include_str!("../../ui/files.js")),
    script("handoff.js", include_str!("../../ui/handoff.js")),
    script("in_page.js", include_str!("../../ui/in_page.js")),
    script("in_page_hints.js", include_str!("../../ui/in_page_hints.js")),
    script("in_page_pickers.js", include_str!("../../ui/in_page_pickers.js")),
    script("inspector.js", include_str!("../../ui/inspector.js")),
    script("keyboard.js", include_str!("../../ui/keyboard.js")),
    script("live_view.js", include_str!("../../ui/live_view.js")),
    script("modifiers.js", include_str!("../../ui/modifiers.js")),
    script("mouse.js", include_str!("../../ui/mouse.js")),
    script("page_events.js", include_str!("../../ui/page_events.js")),
    script("page_side.js", include_str!("../../ui/page_side.js")),
    script("picture.js", include_str!("../../ui/picture.js")),
    script("pickers.js", include_str!("../../ui/pickers.js")),
    script("read_only.js", include_str!("../../ui/read_only.js")),
    script("sharpness.js", include_str!("../../ui/sharpness.js")),
    script("tabs.js", include_str!("../../ui/tabs.js")),
    script("touch.js", include_str!("../../ui/touch.js")),
    script("windows.js", include_str!("../../ui/windows.js")),
    style("dialogs.css", include_str!("../../ui/dialogs.css")),
    style("handoff.css", include_str!("../../ui/handoff.css")),
    style("live_view.css", include_str!("../../ui/live_view.css")),
];

type Asset = (&'static str, &'static str, &'static str);

const fn script(name: &'static str, text: &'static str) -> Asset {
    (name, "text/javascript; charset=utf-8", text)
}

const fn style(name: &'static str, text: &'static str) -> Asset {
    (name, "text/css; charset=utf-8", text)
}

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

/// The front end's HTML, which shows the dialogs of the page that it inspects, what its viewer is asked to do, and says when it is read-only.
pub(crate) fn inspector_html(front_end: &Bytes, read_only: bool) -> Bytes {
    const DIALOGS: &str =
        r#"<link rel="stylesheet" href="/ui/dialogs.css"><script type="module" src="/ui/inspector.js"></script>"#;
    const HANDOFF: &str = r#"<script type="module" src="/ui/handoff.js"></script>"#;
    const MARK: &str = r#"<script src="/ui/read_only.js"></script>"#;
    let html = String::from_utf8_lossy(front_end);
    let (title, mark) = if read_only { (READ_ONLY, MARK) } else { ("", "") };
    let html = html.replacen("<title>", &format!("<title>{title}"), 1);
    // Before the front end's own scripts.
    html.replacen("</title>", &format!("</title>{mark}{DIALOGS}{HANDOFF}"), 1).into()
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
        assert!(html.contains("connect-src 'self' ws://h:1 wss://h:1\""), "{html}");
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
