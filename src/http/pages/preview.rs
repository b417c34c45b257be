//! What a link's preview shows, to chats (Open Graph) and to people: what it would open, and a button that does.

use super::{held_recording, layout};
use maud::{Markup, html};
use page_url::PageUrl;

/// `link` is the whole one that was followed, from `origin` on. `recording` is of what was opened by a link before.
pub(crate) fn preview(url: Option<&PageUrl>, origin: &str, link: &str, recording: Option<&str>) -> Markup {
    let title = url.map_or_else(
        || "Open this browser in Chrome DevTools".to_owned(),
        |url| format!("Debug {} in Chrome DevTools", url.host()),
    );
    let description = "One click opens live Chrome DevTools on the page, in a browser in the cloud.";
    let tags = html! {
        meta property="og:title" content=(title);
        meta property="og:description" content=(description);
        meta property="og:type" content="website";
        meta property="og:site_name" content="devtools-link";
        meta property="og:url" content=(link);
        meta property="og:image" content={ (origin) "/static/card.png" };
        meta property="og:image:width" content="1200";
        meta property="og:image:height" content="630";
        meta property="og:image:alt" content="A web page with Chrome DevTools beside it";
        meta name="twitter:card" content="summary_large_image";
    };
    layout(
        &title,
        tags,
        html! {
            @if let Some(url) = url { p { (url.as_str()) } }
            p { (description) }
            form method="post" { button { "Open DevTools" } }
            (held_recording(recording))
        },
    )
}
