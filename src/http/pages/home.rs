//! The front door: the field that a page's URL goes into, and the caller's browsers. To a stranger, what this is.

use super::{layout, script};
use crate::domain::time::humanize;
use crate::domain::{SessionRecord, TabRecord};
use crate::http::views::permalink;
use maud::{Markup, html};

/// What home shows to whoever may use it.
pub(crate) struct Home {
    /// Scheme and host of the Worker.
    pub(crate) origin: String,
    /// Those of the caller's sessions that are open, newest first.
    pub(crate) sessions: Vec<SessionRecord>,
    /// No session gets older.
    pub(crate) max_session_ms: u64,
    pub(crate) now_ms: u64,
}

/// What home tells a stranger: nothing about anybody's browsers.
pub(crate) struct Stranger<'a> {
    /// Whom to ask, as the operator has put it.
    pub(crate) contact: Option<&'a str>,
    pub(crate) is_healthy: bool,
    /// Whether a browser can ask for an access token.
    pub(crate) can_sign_in: bool,
}

pub(crate) fn home(home: &Home) -> Markup {
    let tags = html! {
        link rel="search" type="application/opensearchdescription+xml" title="devtools-link" href="/opensearch.xml";
        (script())
    };
    layout("Open DevTools on any page", tags, html! { (open_form()) (sessions(home)) (ways_in(&home.origin)) })
}

pub(crate) fn stranger(stranger: &Stranger<'_>) -> Markup {
    let health = if stranger.is_healthy { "It is working." } else { "It is not working right now." };
    layout(
        "Live Chrome DevTools by a link",
        html! {},
        html! {
            p { "This service opens web pages in a browser in the cloud, with Chrome DevTools on them, for those who may use it. " (health) }
            @if let Some(contact) = stranger.contact { p { "It is run by " (contact) "." } }
            @if stranger.can_sign_in { form action="/sign-in" { button { "Sign in" } } }
        },
    )
}

fn open_form() -> Markup {
    html! {
        form action="/" {
            div.field {
                input type="url" name="url" aria-label="URL of the page" placeholder="https://example.com/" required autofocus;
                button { "Open DevTools" }
            }
            details {
                summary { "Options" }
                label {
                    "Show " select name="mode" {
                        option value="" { "the page and DevTools" }
                        option value="tab" { "the page alone" }
                        option value="full" { "the whole browser" }
                    }
                }
                label {
                    "Keep the browser while nothing happens for " select name="keep_alive" {
                        option value="60" { "1 minute" }
                        option value="600" selected { "10 minutes" }
                        option value="1200" { "20 minutes" }
                    }
                }
                label { input type="checkbox" name="readonly" value="true"; " Only look: nobody can click or type" }
                label { input type="checkbox" name="fresh" value="true"; " A browser of its own, without what was open before" }
            }
        }
    }
}

fn sessions(home: &Home) -> Markup {
    html! {
        section #sessions aria-label="Your browsers" {
            h2 { "Your browsers" }
            @if home.sessions.is_empty() { p { "None is open." } }
            @for session in &home.sessions { (browser(home, session)) }
        }
    }
}

fn browser(home: &Home, session: &SessionRecord) -> Markup {
    let age_ms = home.now_ms.saturating_sub(session.opened_at_ms);
    let left_ms = home.max_session_ms.saturating_sub(age_ms);
    html! {
        article {
            @for tab in &session.tabs { (page(home, session, tab)) }
            div.row {
                small { "Open for " (humanize(age_ms / 1_000)) "; closed in " (humanize(left_ms / 1_000)) " at the latest." }
                form method="post" action={ "/sessions/" (session.session_id) "/close" } {
                    button.quiet aria-label={ "Close the browser on " (session.url.host()) } { "Close" }
                }
            }
        }
    }
}

fn page(home: &Home, session: &SessionRecord, tab: &TabRecord) -> Markup {
    let path = permalink(&session.session_id, Some(&tab.target_id));
    let (host, link) = (tab.url.host(), format!("{}{path}", home.origin));
    html! {
        div.row {
            a href=(path) { (tab.url.as_str()) }
            span {
                a href={ (path) "?watch" } aria-label={ "Watch " (host) " without touching it" } { "Watch" }
                button.quiet hidden data-copy=(link) aria-label={ "Copy the permalink to " (host) } { "Copy link" }
                button.quiet hidden data-copy={ "[Debug " (host) " in Chrome DevTools](" (link) ")" }
                    aria-label={ "Copy Markdown that links to " (host) } { "Copy Markdown" }
            }
        }
    }
}

fn ways_in(origin: &str) -> Markup {
    let bookmarklet = format!("javascript:void(location.href='{origin}/?url='+encodeURIComponent(location.href))");
    html! {
        section aria-label="Getting here in one click" {
            h2 { "In one click" }
            p { "Drag " a href=(bookmarklet) { "Debug this page" } " to your bookmarks: it opens the page that you are on." }
            p { a href="/links" { "Links for others" } " work without signing in, as long and as often as you say." }
            p { "Or put " b { (origin) "/" } " in front of any URL." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_shows_a_browser_with_its_pages_and_its_end() {
        let click =
            crate::ledger::test_ledger::click(&crate::domain::Caller::known("ada"), "url=https://e.com/?<i>").click;
        let mut session = SessionRecord::new("s1".into(), "ada".to_owned(), &click, 0);
        let (url, view) = (click.url, click.options.view);
        session.tabs.push(TabRecord { target_id: "T1".into(), url, view, opened_at_ms: 0, clicked_at_ms: 0 });
        let home = Home {
            origin: "https://d.example".to_owned(),
            sessions: vec![session],
            max_session_ms: 3_600_000,
            now_ms: 600_000,
        };
        let page = super::home(&home).into_string();
        assert!(page.contains(r#"action="/sessions/s1/close""#) && page.contains(r#"href="/s/s1/T1""#), "{page}");
        assert!(page.contains("Open for 10 minutes; closed in 50 minutes at the latest."), "{page}");
        assert!(page.contains("[Debug e.com in Chrome DevTools](https://d.example/s/s1/T1)") && !page.contains("<i>"));
    }

    #[test]
    fn a_stranger_is_told_what_it_is_and_whom_to_ask() {
        let page = |contact, can_sign_in| stranger(&Stranger { contact, is_healthy: true, can_sign_in }).into_string();
        let told = page(Some("ops@e.com"), true);
        assert!(told.contains("run by ops@e.com.") && told.contains("Sign in") && told.contains("It is working."));
        let told = page(None, false);
        assert!(!told.contains("run by") && !told.contains("<form"), "{told}");
    }
}
