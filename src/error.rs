//! The edge's one error type, and the one place that turns it into an answer: a page for a person,
//! `application/problem+json` (RFC 9457) for a program.

use crate::access::Denied;
use crate::browser_run::{Limit, UpstreamError, UpstreamErrorKind};
use crate::click::InvalidClick;
use crate::config::ConfigError;
use crate::hosts::RefusedHost;
use crate::ledger::Refusal;
use crate::ledger_client::LedgerError;
use crate::link::InvalidLink;
use crate::page;
use crate::page_url::PageUrl;
use crate::reply::Reply;
use crate::signed_link::InvalidSignedLink;
use crate::time::rfc3339;
use serde::Serialize;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// The longest that Browser Run's free plan makes a new browser wait, for a 429 that does not say.
const RATE_SECONDS: u64 = 20;
/// When another browser may have been closed, for a 429 or 503 that does not say.
const CAPACITY_SECONDS: u64 = 60;

/// The type of the one problem that a button helps: the same page can be opened again.
pub(crate) const ENDED: &str = "urn:devtools-link:ended";

const CHALLENGE: &str = "Basic realm=\"devtools-link: the password is your access token\", charset=\"UTF-8\"";

/// Everything that can keep a request from its answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Click(#[from] InvalidClick),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error(transparent)]
    Link(#[from] InvalidLink),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("the browser on {} {}", .url.as_str(), ended(reason, *ended_at_ms))]
    Ended { url: PageUrl, ended_at_ms: Option<u64>, reason: String },
    #[error(transparent)]
    Host(#[from] RefusedHost),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("{caller} is not among the OPERATORS, who may run the clean-up; a dry run says what it would do")]
    NotAnOperator { caller: String },
    #[error("this request comes from another site's page, and would change something here")]
    CrossOrigin,
    #[error(transparent)]
    SignedLink(#[from] InvalidSignedLink),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("this service can't work right now; its log says why")]
    NotReady,
    #[error("there is nothing at {path}")]
    NotFound { path: String },
    #[error("{method} is not allowed here")]
    MethodNotAllowed { method: String, allowed: &'static str },
}

/// An RFC 9457 problem.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Problem {
    /// `urn:devtools-link:…`: what a program tells problems apart by.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) title: &'static str,
    pub(crate) status: u16,
    pub(crate) detail: String,
    #[serde(skip)]
    pub(crate) retry_after_seconds: Option<u64>,
}

impl Error {
    /// Whether what was asked for has vanished upstream.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Upstream(error) if error.is_gone())
    }

    /// Whether it is a whole session that has vanished, not a tab alone.
    pub(crate) fn is_session_gone(&self) -> bool {
        matches!(self, Self::Upstream(error) if error.is_gone() && error.step == "open_tab")
    }

    /// The answer.
    pub(crate) fn reply(&self, wants_html: bool, now_ms: u64) -> Reply {
        let problem = self.problem(now_ms);
        let mut reply = if wants_html {
            Reply::html(problem.status, page::problem(&problem)).with("referrer-policy", "same-origin")
        } else {
            Reply::json_as("application/problem+json", problem.status, &problem)
        };
        if let Some(seconds) = problem.retry_after_seconds {
            reply = reply.with("retry-after", seconds.to_string());
        }
        match self {
            Self::MethodNotAllowed { allowed, .. } => reply.with("allow", *allowed),
            // What makes a browser ask for the token, once.
            Self::Denied(Denied::NoToken | Denied::WrongToken) => reply.with("www-authenticate", CHALLENGE),
            _ => reply,
        }
    }

    /// The problem behind the answer.
    pub(crate) fn problem(&self, now_ms: u64) -> Problem {
        let (status, kind, title) = match self {
            Self::Click(_) => (400, "bad-request", "This link can't be opened"),
            Self::Config(_) => (503, "not-configured", "This service is not set up yet"),
            Self::Upstream(error) => return upstream_problem(error, now_ms),
            Self::Link(_) => (502, "unexpected-link", "Browser Run answered something unexpected"),
            Self::Ledger(_) => (503, "ledger", "The session ledger did not answer"),
            Self::Host(_) => (403, "host-refused", "This page may not be opened here"),
            Self::Denied(Denied::NoToken | Denied::WrongToken) => (401, "unauthorized", "Who are you?"),
            Self::Denied(Denied::NoSignIn | Denied::SignIn(_)) => (403, "unauthorized", "Who are you?"),
            Self::NotAnOperator { .. } => (403, "not-an-operator", "Operators run the clean-up"),
            Self::Denied(Denied::NotOurHost(_)) => (421, "misdirected", "Not under this name"),
            Self::Denied(Denied::SignInUnavailable { retry_after_seconds }) => {
                let title = "Sign-ins can't be checked right now";
                return Problem::new(503, "sign-in-unavailable", title, self.to_string())
                    .retry_after(*retry_after_seconds);
            }
            Self::NotReady => (503, "not-ready", "This service is not ready"),
            Self::CrossOrigin => (403, "cross-origin", "Not from another site"),
            Self::SignedLink(InvalidSignedLink::Signature) => (403, "link-invalid", "This link can't be opened"),
            Self::SignedLink(InvalidSignedLink::Expired) => (410, "link-expired", "This link has expired"),
            Self::Refused(refusal) => return refusal_problem(refusal),
            Self::Ended { .. } => (410, "ended", "This browser has ended"),
            Self::NotFound { .. } => (404, "not-found", "There is nothing here"),
            Self::MethodNotAllowed { .. } => (405, "method-not-allowed", "Not this way"),
        };
        Problem::new(status, kind, title, self.to_string())
    }
}

impl Problem {
    fn new(status: u16, kind: &str, title: &'static str, detail: String) -> Self {
        Self { kind: format!("urn:devtools-link:{kind}"), title, status, detail, retry_after_seconds: None }
    }

    fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }
}

/// Why and when a session ended, as a sentence's end. Browser Run's own reasons are told as they are.
fn ended(reason: &str, ended_at_ms: Option<u64>) -> String {
    let why = match reason {
        "too_old" => "was closed when it reached its longest life",
        "unused" => "was closed when nobody had used it for a while",
        "closed_on_request" => "was closed on request",
        "tab_closed" => "no longer has this tab",
        "tab_failed" => "was closed because its page could not be opened",
        "gone" => "has ended",
        own => return format!("has ended ({own}){}", at(ended_at_ms)),
    };
    format!("{why}{}", at(ended_at_ms))
}

fn at(time_ms: Option<u64>) -> String {
    time_ms.map(|time_ms| format!(", {}", rfc3339(time_ms))).unwrap_or_default()
}

fn refusal_problem(refusal: &Refusal) -> Problem {
    let (status, kind, title, retry_after_seconds) = match refusal {
        Refusal::LinkUnknown => (410, "link-unknown", "This link is not known any more", None),
        Refusal::LinkRevoked => (410, "link-revoked", "This link was revoked", None),
        Refusal::LinkUsedUp { .. } => (410, "link-used-up", "This link is used up", None),
        Refusal::Sessions { retry_after_seconds, .. } => {
            (429, "caller-sessions", "Too many sessions are open", Some(*retry_after_seconds))
        }
        Refusal::Opens { retry_after_seconds, .. } => {
            (429, "caller-opens", "Too many pages are being opened", Some(*retry_after_seconds))
        }
        Refusal::BrowserTime { retry_after_seconds, .. } => {
            (429, "browser-time", "No browser minutes are left today", Some(*retry_after_seconds))
        }
    };
    Problem { retry_after_seconds, ..Problem::new(status, kind, title, refusal.to_string()) }
}

fn upstream_problem(error: &UpstreamError, now_ms: u64) -> Problem {
    let detail = error.to_string();
    match &error.kind {
        UpstreamErrorKind::TimedOut => Problem::new(504, "timeout", "Browser Run took too long", detail),
        UpstreamErrorKind::Denied { .. } => {
            let fix = "Operator: the API token needs the permission “Browser Rendering – Edit” on this account.";
            Problem::new(502, "denied", "Browser Run refused this service", format!("{detail}. {fix}"))
        }
        UpstreamErrorKind::Limited { limit, retry_after_seconds, .. } => {
            let (kind, title, default) = match limit {
                Limit::Rate => ("too-fast", "Browsers are being opened too fast", RATE_SECONDS),
                Limit::Concurrency => ("too-many-open", "Too many browsers are open", CAPACITY_SECONDS),
                Limit::BrowserTime => {
                    ("no-browser-time", "No browser minutes are left today", (DAY_MS - now_ms % DAY_MS).div_ceil(1_000))
                }
            };
            Problem::new(503, kind, title, detail).retry_after(retry_after_seconds.unwrap_or(default))
        }
        UpstreamErrorKind::Unavailable { retry_after_seconds, .. } => {
            Problem::new(503, "no-browser", "No browser is free right now", detail)
                .retry_after(retry_after_seconds.unwrap_or(CAPACITY_SECONDS))
        }
        UpstreamErrorKind::Unreachable(_)
        | UpstreamErrorKind::Gone { .. }
        | UpstreamErrorKind::Refused { .. }
        | UpstreamErrorKind::Malformed(_) => {
            Problem::new(502, "upstream", "Browser Run answered something unexpected", detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser_run::Answer;

    fn limited(message: &str, retry_after: Option<&str>, now_ms: u64) -> Problem {
        let answer = Answer { status: 429, retry_after: retry_after.map(str::to_owned), body: message.to_owned() };
        Error::from(UpstreamError::refused("acquire", &answer)).problem(now_ms)
    }

    #[test]
    fn limits_say_which_they_are_and_when_to_come_back() {
        let fast = limited("Rate limit exceeded", None, 0);
        assert_eq!((fast.status, fast.kind.as_str()), (503, "urn:devtools-link:too-fast"));
        assert_eq!(fast.retry_after_seconds, Some(20));
        assert_eq!(limited("Rate limit exceeded", Some("3"), 0).retry_after_seconds, Some(3));
        let day = limited("Browser time limit exceeded for today", None, DAY_MS - 90_500);
        assert_eq!((day.kind.as_str(), day.retry_after_seconds), ("urn:devtools-link:no-browser-time", Some(91)));
    }

    #[test]
    fn only_a_browser_that_has_ended_can_be_opened_again() {
        let url = PageUrl::parse("https://e.com").unwrap();
        let ended = Error::Ended { url, ended_at_ms: Some(0), reason: "unused".to_owned() };
        assert!(ended.reply(true, 0).body.contains("Open this page again"));
        for error in [Error::from(InvalidSignedLink::Expired), Error::from(Refusal::LinkRevoked)] {
            let reply = error.reply(true, 0);
            assert!(reply.status == 410 && !reply.body.contains("<form"), "{}", reply.body);
        }
    }

    #[test]
    fn a_program_gets_a_problem_and_a_person_a_page() {
        let error = Error::MethodNotAllowed { method: "PUT".to_owned(), allowed: "GET, HEAD" };
        let reply = error.reply(false, 0);
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
        assert_eq!(reply.header("allow"), Some("GET, HEAD"));
        assert_eq!(
            reply.body,
            r#"{"type":"urn:devtools-link:method-not-allowed","title":"Not this way","status":405,"detail":"PUT is not allowed here"}"#
        );
        let page = Error::NotFound { path: "/<b>".to_owned() }.reply(true, 0);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.body.contains("/&lt;b&gt;"), "{}", page.body);
    }
}
