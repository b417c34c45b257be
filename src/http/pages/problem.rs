//! What went wrong, whose turn it is, and one thing to press.

use super::{layout, script};
use crate::domain::time::humanize;
use crate::http::problem::Problem;
use maud::{Markup, html};
use page_url::PageUrl;

pub(crate) fn problem(problem: &Problem) -> Markup {
    layout(problem.title, html! {}, content(problem, false))
}

/// The page but for its title. It tries again by itself: by its header, or by its script where that is sent already.
pub(super) fn content(problem: &Problem, by_script: bool) -> Markup {
    // What a link or a sign-in is refused for is said to people; what went wrong between programs, and what is wrong with an
    // option, to those who know them.
    let is_for_people = (401..500).contains(&problem.status) || problem.kind.ends_with("not-configured");
    html! {
        @if is_for_people { p.detail { (problem.plain_detail()) "." } }
        p { (problem.advice) }
        @if let Some(url) = &problem.meant { p { "Did you mean " b { (url.as_str()) } "?" } }
        @if let Some(seconds) = problem.retried_in() {
            p { "Trying again in " span data-seconds=(seconds) data-retry[by_script] { (humanize(seconds)) } "." (script()) }
        } @else if let Some(seconds) = problem.retry_after_seconds {
            p { "That is in " (humanize(seconds)) "." }
        }
        (way_out(problem))
        p { small { @if !is_for_people { (problem.plain_detail()) " · " } (problem.status) " · " (problem.kind) " · request " (problem.request_id) } }
    }
}

fn way_out(problem: &Problem) -> Markup {
    match problem.status {
        _ if problem.can_reopen => html! { form method="post" { button { "Open this page again" } } },
        400 => html! {
            form action="/" {
                div.field {
                    input type="url" name="url" aria-label="URL" placeholder="https://example.com/" required autofocus
                        value=[problem.meant.as_ref().map(PageUrl::as_str)];
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
        let busy = |seconds| Problem::new(Kind::TooFast, String::new()).retry_after(seconds);
        assert_eq!(
            [20, 0, 7_200].map(|seconds| busy(seconds).retried_in()),
            [Some(20), Some(2), None],
            "nobody hurries"
        );
        let short = problem(&busy(20)).into_string();
        assert!(short.contains("data-seconds=\"20\">20 seconds"), "{short}");
        let long = problem(&busy(7_200)).into_string();
        assert!(!long.contains("Trying") && long.contains("That is in 2 hours."), "{long}");
    }
}
