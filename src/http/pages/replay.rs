//! What became of a browser that was recorded, with what it showed: a frame, which assets/static/replay.js fills.

use super::layout;
use crate::http::problem::Problem;
use maud::{Markup, html};

/// Of a page in which another is replayed, without scripts of its own: what that one would load from anywhere is not loaded.
/// Its styles are in it; they can't call anybody either. Of `origin` only the icon is a picture.
pub(crate) fn replay_policy(origin: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
         img-src data: blob: {origin}/static/icon.svg; font-src data:; media-src data:; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'"
    )
}

/// Of a problem that has a recording.
pub(crate) fn replay(problem: &Problem) -> Markup {
    let tags = html! {
        link rel="stylesheet" href="/static/replay.css";
        script type="module" src="/static/replay.js" {}
    };
    layout(
        problem.title,
        tags,
        html! {
            p.detail { (problem.plain_detail()) "." }
            @if problem.can_reopen { form method="post" { button { "Open this page again" } } }
            section #replay data-recording=[&problem.recording] data-har=[&problem.har] data-own=[problem.can_reopen.then_some("")] {
                p role="status" { "What it showed is played here, by a script." }
                @if let Some(har) = &problem.har { p { a href=(har) { "What it asked for, as HAR" } } }
            }
            p { small { (problem.status) " · " (problem.kind) " · request " (problem.request_id) } }
        },
    )
}
