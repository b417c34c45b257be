//! The pages people see: small, without scripts, and the same in light and dark.

use super::problem::Problem;
use crate::domain::time::humanize;
use maud::{DOCTYPE, Markup, html};

const STYLE: &str = include_str!("style.css");

/// What went wrong, and for a wrong link the way to a right one.
pub(crate) fn problem(problem: &Problem) -> Markup {
    layout(
        problem.title,
        html! {},
        html! {
            p { (problem.detail) }
            @if problem.status == 400 {
                form action="/" {
                    input type="url" name="url" aria-label="URL" placeholder="https://example.com/" required autofocus;
                    button { "Open DevTools" }
                }
            }
            @if problem.can_reopen { form method="post" { button { "Open this page again" } } }
            @if let Some(seconds) = problem.retry_after_seconds { p { "Try again in " (humanize(seconds)) "." } }
            p { small { (problem.status) " · " (problem.kind) " · request " (problem.request_id) } }
        },
    )
}

/// What a link's preview shows, to chats (Open Graph) and to people: what it would open, and a button that does.
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

/// The body of a redirect.
pub(crate) fn redirect(link: &str) -> Markup {
    html! { (DOCTYPE) title { "DevTools" } p { "Your browser is ready: " a href=(link) { "open DevTools" } "." } }
}

fn layout(title: &str, tags: Markup, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · devtools-link" }
                (tags)
                style { (maud::PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (content) } }
        }
    }
}
