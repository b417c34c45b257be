//! The pages people see: small, without scripts, and the same in light and dark.

use super::problem::Problem;
use crate::domain::time::humanize;
use maud::{DOCTYPE, Markup, html};

const STYLE: &str = "
    :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
    body { max-width: 36rem; margin: 15vh auto 0; padding: 0 1.5rem }
    h1 { font-size: 1.5rem; line-height: 1.25 }
    p { overflow-wrap: anywhere }
    h1 + p::first-letter { text-transform: uppercase }
    small { opacity: .7 }
    form { display: flex; gap: .5rem; margin: 2rem 0 }
    input { flex: 1; min-width: 0 }
    input, button { font: inherit; padding: .5rem .75rem; border: 1px solid #8888; border-radius: .5rem }
    button { background: #1a73e8; border-color: #1a73e8; color: #fff; cursor: pointer }";

/// What went wrong, and for a wrong link the way to a right one.
pub(crate) fn problem(problem: &Problem) -> Markup {
    layout(
        problem.title,
        html! {},
        html! {
            p { (problem.detail) }
            @if problem.status == 400 { (open_form()) }
            @if problem.can_reopen { form method="post" { button { "Open this page again" } } }
            @if let Some(seconds) = problem.retry_after_seconds { p { "Try again in " (humanize(seconds)) "." } }
            p { small { (problem.status) " · " (problem.kind) } }
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

fn open_form() -> Markup {
    html! {
        form action="/" {
            input type="url" name="url" aria-label="URL" placeholder="https://example.com/" required autofocus;
            button { "Open DevTools" }
        }
    }
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
