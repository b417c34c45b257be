//! The front door: the field that a page's URL goes into, the caller's browsers, and what they have used. To a stranger, what
//! this is.

use super::{held_recording, layout, recording, script};
use crate::config::Config;
use crate::domain::time::humanize;
use crate::domain::{SessionRecord, TabRecord};
use crate::http::views::permalink;
use crate::ledger::{BrowserTime, Overview};
use crate::service::look::Seen;
use maud::{Markup, html};

/// What home shows to whoever may use it.
pub(crate) struct Home<'a> {
    /// Scheme and host of the Worker.
    pub(crate) origin: &'a str,
    pub(crate) overview: Overview,
    pub(crate) seen: Seen,
    pub(crate) config: &'a Config,
    pub(crate) now_ms: u64,
}

/// What home tells a stranger: nothing about anybody's browsers.
pub(crate) struct Stranger<'a> {
    /// Whom to ask, as the operator has put it.
    pub(crate) contact: Option<&'a str>,
    pub(crate) is_healthy: bool,
    /// Whether a browser can ask for an access token.
    pub(crate) can_sign_in: bool,
    /// Where the recording of what a link had opened for them is.
    pub(crate) recording: Option<String>,
}

pub(crate) fn home(home: &Home<'_>) -> Markup {
    let tags = html! {
        link rel="search" type="application/opensearchdescription+xml" title="devtools-link" href="/opensearch.xml";
        (script())
    };
    let content = html! { (open_form(home.config)) (home.sessions()) (home.usage()) (ways_in(home.origin)) };
    layout("Open DevTools on any page", tags, content)
}

pub(crate) fn stranger(stranger: &Stranger<'_>) -> Markup {
    let health = if stranger.is_healthy { "It is working." } else { "It is not working right now." };
    layout(
        "Live Chrome DevTools by a link",
        html! {},
        html! {
            p { "This service opens web pages in a browser in the cloud, with Chrome DevTools on them, for those who may use it. " (health) }
            @if let Some(contact) = stranger.contact { p { "It is run by " (contact) "." } }
            (held_recording(stranger.recording.as_deref()))
            @if stranger.can_sign_in { form action="/sign-in" { button { "Sign in" } } }
        },
    )
}

fn open_form(config: &Config) -> Markup {
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
                (recording(config))
                label { input type="checkbox" name="fresh" value="true"; " A browser of its own, without what was open before" }
            }
        }
    }
}

impl Home<'_> {
    fn sessions(&self) -> Markup {
        let sessions = &self.overview.sessions;
        html! {
            section #sessions aria-label="Your browsers" {
                h2 { "Your browsers" }
                @if sessions.is_empty() { p { "None is open." } }
                @for session in sessions { (self.browser(session)) }
                @if !self.overview.recorded.is_empty() { h2 { "Recordings" } }
                @for session in &self.overview.recorded { (self.recording(session)) }
            }
        }
    }

    fn recording(&self, session: &SessionRecord) -> Markup {
        let ended_ms = self.now_ms.saturating_sub(session.ended_at_ms.unwrap_or(self.now_ms));
        html! {
            p {
                a href=(permalink(&session.session_id, None)) { (session.url.as_str()) }
                " " small { "ended " (humanize(ended_ms / 1_000)) " ago" }
            }
        }
    }

    fn browser(&self, session: &SessionRecord) -> Markup {
        let age_ms = self.now_ms.saturating_sub(session.opened_at_ms);
        let left_ms = self.config.policy.max_session_ms.saturating_sub(age_ms);
        html! {
            article {
                @for tab in &session.tabs { (self.page(session, tab)) }
                div.row {
                    small {
                        @if self.seen.is_connected(&session.session_id) { b { "Somebody is connected. " } }
                        @if session.recording { "Recorded. " }
                        "Open for " (humanize(age_ms / 1_000)) ", " (dollars(age_ms)) " so far; closed in " (humanize(left_ms / 1_000))
                        " at the latest."
                    }
                    form method="post" action={ "/sessions/" (session.session_id) "/close" } {
                        button.quiet aria-label={ "Close the browser on " (session.url.host()) } { "Close" }
                    }
                }
            }
        }
    }

    fn page(&self, session: &SessionRecord, tab: &TabRecord) -> Markup {
        let path = permalink(&session.session_id, Some(&tab.target_id));
        let (host, link) = (tab.url.host(), format!("{}{path}", self.origin));
        html! {
            div.row {
                p data-page=(tab.target_id) {
                    @if let Some(title) = self.seen.title(&tab.target_id) { b { (title) } " " }
                    (tab.url.as_str())
                }
                span {
                    a href=(path) aria-label={ "Open DevTools on " (host) } { "Open DevTools" }
                    a href={ (path) "?watch" } aria-label={ "Watch " (host) " without touching it" } { "Watch" }
                    button.quiet hidden data-copy=(link) aria-label={ "Copy link to " (host) } { "Copy link" }
                    button.quiet hidden data-copy={ "[Debug " (host) " in Chrome DevTools](" (link) ")" }
                        aria-label={ "Copy Markdown that links to " (host) } { "Copy Markdown" }
                }
            }
        }
    }

    fn usage(&self) -> Markup {
        let Overview { own, all, own_sessions, opens, .. } = &self.overview;
        let row = |name: &str, own_ms: u64, all_ms: u64| {
            html! { tr { th scope="row" { (name) } (used(own_ms)) (used(all_ms)) } }
        };
        let left = |limit: usize, used: u64| (limit as u64).saturating_sub(used);
        html! {
            section #usage aria-label="Browser time" {
                h2 { "Browser time" }
                table {
                    tr { td {} th scope="col" { "Yours" } th scope="col" { "Everybody's" } }
                    (row("Today", own.today_ms, all.today_ms))
                    (row("This month", own.month_ms, all.month_ms))
                }
                p {
                    "You can have " (left(self.config.policy.max_sessions_per_caller, *own_sessions)) " more of "
                    (self.config.policy.max_sessions_per_caller) " browsers, and open "
                    (left(self.config.policy.max_opens_per_minute, *opens)) " more of " (self.config.policy.max_opens_per_minute)
                    " pages within this minute. "
                    @if let Some(limit_ms) = self.config.policy.max_browser_ms_per_day {
                        "Today everybody has " (humanize(limit_ms.saturating_sub(all.today_ms) / 1_000)) " left of "
                        (humanize(limit_ms / 1_000)) "."
                    }
                }
                p { small { "At Cloudflare's price of $0.09 an hour, without what a plan includes. Days are UTC." } }
            }
        }
    }
}

fn used(ms: u64) -> Markup {
    html! { td { (humanize(ms / 1_000)) br; small { (dollars(ms)) } } }
}

/// What so much browser time costs.
fn dollars(ms: u64) -> String {
    match BrowserTime::price(ms) {
        0..100 => "under $0.01".to_owned(),
        price => format!("${}.{:02}", price / 10_000, price / 100 % 100),
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
    use crate::domain::Policy;

    #[test]
    fn home_shows_a_browser_with_its_pages_its_price_and_its_end() {
        let click =
            crate::ledger::test_ledger::click(&crate::domain::Caller::known("ada"), "url=https://e.com/?<i>").click;
        let mut session = SessionRecord::new("s1".into(), "ada".to_owned(), &click, 0);
        let (url, view) = (click.url, click.options.view);
        session.tabs.push(TabRecord { target_id: "T1".into(), url, view, opened_at_ms: 0, clicked_at_ms: 0 });
        let time = |minutes: u64| BrowserTime { today_ms: minutes * 60_000, month_ms: 10 * minutes * 60_000 };
        let mut ended = SessionRecord::for_tests("s0", 0);
        ended.ended_at_ms = Some(300_000);
        let (sessions, recorded) = (vec![session], vec![ended]);
        let overview = Overview { sessions, recorded, own_sessions: 1, opens: 11, own: time(10), all: time(20) };
        let policy = Policy { max_browser_ms_per_day: Some(3_600_000), ..Policy::for_tests() };
        let mut config = Config::for_tests();
        config.policy = policy;
        let home =
            Home { origin: "https://d.example", overview, seen: Seen::default(), config: &config, now_ms: 600_000 };
        let page = super::home(&home).into_string();
        for part in [
            r#"action="/sessions/s1/close""#,
            r#"href="/s/s1/T1""#,
            r#"<a href="/s/s0">https://e.com/</a> <small>ended 5 minutes ago</small>"#,
            "Open for 10 minutes, $0.01 so far; closed in 50 minutes at the latest.",
            "[Debug e.com in Chrome DevTools](https://d.example/s/s1/T1)",
            "<td>100 minutes<br><small>$0.15</small></td><td>3 hours<br><small>$0.30</small></td>",
            "2 more of 3 browsers, and open 0 more of 10 pages",
            "Today everybody has 40 minutes left of 60 minutes.",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("<i>") && !page.contains("connected"));
    }

    #[test]
    fn a_stranger_is_told_what_it_is_and_whom_to_ask() {
        let page = |contact, can_sign_in| {
            stranger(&Stranger { contact, is_healthy: true, can_sign_in, recording: None }).into_string()
        };
        let told = page(Some("ops@e.com"), true);
        assert!(told.contains("run by ops@e.com.") && told.contains("Sign in") && told.contains("It is working."));
        let told = page(None, false);
        assert!(!told.contains("run by") && !told.contains("<form"), "{told}");
    }
}
