//! What went wrong, and for a wrong link the way to a right one.

use super::layout;
use crate::domain::time::humanize;
use crate::http::problem::Problem;
use maud::{Markup, html};

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
