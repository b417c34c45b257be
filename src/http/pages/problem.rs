//! What went wrong, whose turn it is, and one thing to press.

use super::{layout, script};
use crate::domain::time::humanize;
use crate::http::problem::Problem;
use maud::{Markup, html};

/// A page that has to wait no longer than this tries again by itself.
const LONGEST_WAIT_SECONDS: u64 = 120;

pub(crate) fn problem(problem: &Problem) -> Markup {
    let wait = problem.retry_after_seconds;
    let retried_in = wait.filter(|seconds| *seconds <= LONGEST_WAIT_SECONDS).map(|seconds| seconds.max(2));
    let tags = html! {
        @if let Some(seconds) = retried_in { meta http-equiv="refresh" content=(seconds); (script()) }
    };
    layout(
        problem.title,
        tags,
        html! {
            p { (problem.detail) }
            p { (problem.advice) }
            @if let Some(seconds) = retried_in {
                p { "Trying again in " span data-seconds=(seconds) { (humanize(seconds)) } "." }
            } @else if let Some(seconds) = wait {
                p { "That is in " (humanize(seconds)) "." }
            }
            (way_out(problem))
            p { small { (problem.status) " · " (problem.kind) " · request " (problem.request_id) } }
        },
    )
}

fn way_out(problem: &Problem) -> Markup {
    match problem.status {
        _ if problem.can_reopen => html! { form method="post" { button { "Open this page again" } } },
        400 => html! {
            form action="/" {
                div.field {
                    input type="url" name="url" aria-label="URL" placeholder="https://example.com/" required autofocus;
                    button { "Open DevTools" }
                }
            }
        },
        // The same address once more.
        401 => html! { p { a.button href="" { "Sign in" } } },
        429 | 500.. => html! { p { a.button href="" { "Try again" } } },
        _ => html! { p { a.button href="/" { "Go to the start" } } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::Kind;

    #[test]
    fn every_problem_has_one_thing_to_press() {
        for kind in Kind::ALL {
            let page = problem(&Problem::new(*kind, "what happened".to_owned())).into_string();
            let things = page.matches("<button").count() + page.matches("class=\"button\"").count();
            assert!(things == 1 && page.contains(kind.advice().split('\'').next().unwrap()), "{page}");
        }
    }

    #[test]
    fn only_a_short_wait_is_waited_for() {
        let page = |seconds| problem(&Problem::new(Kind::TooFast, String::new()).retry_after(seconds)).into_string();
        let short = page(20);
        assert!(
            short.contains("http-equiv=\"refresh\" content=\"20\"") && short.contains("data-seconds=\"20\""),
            "{short}"
        );
        assert!(page(0).contains("content=\"2\""), "nobody hurries");
        let long = page(7_200);
        assert!(!long.contains("refresh") && long.contains("That is in 2 hours."), "{long}");
    }
}
