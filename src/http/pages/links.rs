//! Signed links: made here, listed, and revoked.

use super::{layout, recording, script};
use crate::config::Config;
use crate::domain::time::{humanize, rfc3339};
use crate::domain::{SessionRecord, State};
use crate::http::views::permalink;
use crate::ledger::LinkRecord;
use maud::{Markup, html};

/// `made`: a link that has just been made, which is shown this once.
///
/// `sessions`: the caller's latest, those among them that links have opened are shown with their link.
pub(crate) fn links(
    config: &Config, links: &[LinkRecord], sessions: &[SessionRecord], made: Option<&str>, now_ms: u64,
) -> Markup {
    layout(
        "Links for others",
        script(),
        html! {
            p { "Whoever has such a link may open its page, without signing in, as long and as often as it says." }
            @if let Some(link) = made {
                article {
                    p { "Here it is. It is shown this once:" }
                    div.row {
                        input.field readonly aria-label="The link" value=(link);
                        button.quiet hidden data-copy=(link) { "Copy link" }
                    }
                }
            }
            (make(config))
            section aria-label="Your links" {
                h2 { "Your links" }
                @if links.is_empty() { p { "There is none." } }
                @for link in links { (row(link, sessions, now_ms)) }
            }
            p { a href="/" { "Your browsers" } }
        },
    )
}

fn make(config: &Config) -> Markup {
    html! {
        form method="post" action="/links" {
            div.field {
                input type="url" name="url" aria-label="URL of the page" placeholder="https://example.com/" required;
                button { "Make a link" }
            }
            details {
                summary { "Options" }
                label {
                    "It works for " select name="expires_in" {
                        option value="3600" { "an hour" }
                        option value="86400" { "a day" }
                        option value="604800" selected { "a week" }
                        option value="7776000" { "90 days" }
                    }
                }
                label { "It opens at most " input type="number" name="max_opens" min="1" max="10000" value="20"; " browsers" }
                label { input type="checkbox" name="readonly" value="true"; " Only look: nobody can click or type" }
                (recording(config))
                label { input type="checkbox" name="confirm" value="true"; " Wait for a press of a button" }
                label { "A note for yourself " input name="note" maxlength="200"; }
            }
        }
    }
}

fn row(link: &LinkRecord, sessions: &[SessionRecord], now_ms: u64) -> Markup {
    let is_over = link.revoked_at_ms.is_some() || link.expires_at_ms <= now_ms;
    let state = match link.revoked_at_ms {
        Some(_) => "Revoked".to_owned(),
        None if is_over => "Expired".to_owned(),
        None => format!("Works for {}", humanize((link.expires_at_ms - now_ms) / 1_000)),
    };
    html! {
        article {
            p { (link.url.as_str()) @if let Some(note) = &link.note { " · " (note) } }
            @for session in sessions.iter().filter(|session| session.signed_link_id.as_ref() == Some(&link.id)) {
                p { a href=(permalink(&session.session_id, None)) {
                    "Browser of " (rfc3339(session.opened_at_ms)) @if session.state != State::Open { ", ended" }
                } }
            }
            div.row {
                small { (state) "; has opened " (link.opens) " of " (link.max_opens) " browsers." }
                @if !is_over {
                    form method="post" action={ "/links/" (link.id) "/revoke" } {
                        button.quiet aria-label={ "Revoke the link to " (link.url.host()) } { "Revoke" }
                    }
                }
            }
        }
    }
}
