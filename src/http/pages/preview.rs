//! What a link's preview shows, to chats (Open Graph) and to people: what it would open, and a button that does.

use super::layout;
use maud::{Markup, html};

pub(crate) fn preview(url: Option<&str>, link: &str) -> Markup {
    let title = url.map_or_else(
        || "Open this browser in Chrome DevTools".to_owned(),
        |url| format!("Debug {url} in Chrome DevTools"),
    );
    let description = "One click opens live Chrome DevTools on the page, in a browser in the cloud.";
    let tags = html! {
        meta property="og:title" content=(title);
        meta property="og:description" content=(description);
        meta property="og:type" content="website";
        meta property="og:site_name" content="devtools-link";
        meta property="og:url" content=(link);
        meta name="twitter:card" content="summary";
    };
    layout(
        &title,
        tags,
        html! {
            p { (description) }
            form method="post" { button { "Open DevTools" } }
        },
    )
}
