//! The edge's one error type, and the one place that turns it into an answer: a page for a person,
//! `application/problem+json` (RFC 9457) for a program.

use super::pages;
use super::problem::{Kind, Problem};
use super::reply::Reply;
use super::views::RecordedPaths;
use crate::browser_run::{Limit, UpstreamError, UpstreamErrorKind};
use crate::config::ConfigError;
use crate::domain::time::rfc3339;
use crate::domain::{EndReason, InvalidClick, InvalidSignedLink};
use crate::ledger::{LedgerError, Refusal};
use crate::service::access::Denied;
use crate::service::open::OpenError;
use crate::service::recording::NoRecording;
use browser_run_api::DAY_MS;
use page_url::{InvalidUrl, PageUrl};

/// The longest that Browser Run's free plan makes a new browser wait, for a 429 that does not say.
const RATE_SECONDS: u64 = 20;
/// When another browser may have been closed, for a 429 or 503 that does not say.
const CAPACITY_SECONDS: u64 = 60;

const CHALLENGE: &str = "Basic realm=\"devtools-link: the password is your access token\", charset=\"UTF-8\"";

/// Everything that can keep a request from its answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Click(#[from] InvalidClick),
    /// A person's, who may have meant another.
    #[error("{0}")]
    Meant(InvalidClick, PageUrl),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Open(#[from] OpenError),
    /// `page` is the whole URL for whoever opened it, who can open it again, and its host for everybody else.
    #[error("the browser on {page} {}", ended(reason.as_ref(), *ended_at_ms))]
    Ended {
        page: String,
        is_own: bool,
        ended_at_ms: Option<u64>,
        reason: Option<EndReason>,
        recorded: Option<RecordedPaths>,
    },
    #[error(transparent)]
    NoRecording(#[from] NoRecording),
    #[error("only who opened this browser can open its page again, or see its recording whole")]
    NotYours,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(
        "{caller} is not among the operators, who may run the clean-up and read the metrics; a dry run says what it would do (OPERATORS)"
    )]
    NotAnOperator { caller: String },
    #[error("this request comes from another site's page, and would change something here")]
    CrossOrigin,
    #[error(transparent)]
    SignedLink(#[from] InvalidSignedLink),
    /// To whom the details are none of theirs.
    #[error("what is missing stands in its log")]
    NotSetUp,
    #[error("this service can't work right now; its log says why")]
    NotReady,
    #[error("there is nothing at {path}")]
    NotFound { path: String },
    #[error("{method} is not allowed here")]
    MethodNotAllowed { method: String, allowed: &'static str },
}

impl Error {
    /// The answer to the request with this id.
    pub(crate) fn reply(&self, wants_html: bool, request_id: &str, now_ms: u64) -> Reply {
        let problem = Problem { request_id: request_id.to_owned(), ..self.problem(now_ms) };
        let mut reply = if wants_html {
            let page = Reply::html(problem.status, pages::problem(&problem)).with("referrer-policy", "same-origin");
            match problem.retried_in() {
                Some(seconds) => page.with("refresh", seconds.to_string()),
                None => page,
            }
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

    /// What the log says of it. What others' programs said may hold what is not the caller's to know.
    pub(crate) fn log_detail(&self) -> String {
        match self {
            Self::Open(OpenError::Ledger(error)) => error.log_detail(),
            Self::Open(OpenError::Upstream(UpstreamError { kind: UpstreamErrorKind::Unreachable(detail), .. })) => {
                format!("{self}: {detail}")
            }
            _ => self.to_string(),
        }
    }

    /// The problem behind the answer.
    pub(crate) fn problem(&self, now_ms: u64) -> Problem {
        let kind = match self {
            Self::Click(invalid) => click_kind(invalid),
            Self::Meant(invalid, url) => {
                let problem = Problem::new(click_kind(invalid), self.to_string());
                return Problem { meant: Some(url.clone()), ..problem };
            }
            Self::Config(_) | Self::NotSetUp => Kind::NotConfigured,
            Self::Open(OpenError::Upstream(error)) => return upstream_problem(error, now_ms),
            Self::Open(OpenError::Ledger(LedgerError::Refused(refusal))) => return refusal_problem(refusal),
            Self::Open(OpenError::Ledger(LedgerError::Failed(_))) => Kind::Ledger,
            Self::Open(OpenError::Link(_)) => Kind::UnexpectedLink,
            Self::Open(OpenError::Host(_)) => Kind::HostRefused,
            Self::Denied(Denied::NoToken | Denied::WrongToken) => Kind::Unauthorized,
            Self::Denied(Denied::NoSignIn | Denied::SignIn(_)) => Kind::SignIn,
            Self::Denied(Denied::NotOurHost(_)) => Kind::Misdirected,
            Self::Denied(Denied::SignInUnavailable { retry_after_seconds }) => {
                return Problem::new(Kind::SignInUnavailable, self.to_string()).retry_after(*retry_after_seconds);
            }
            Self::NotReady => Kind::NotReady,
            Self::NotAnOperator { .. } => Kind::NotAnOperator,
            Self::CrossOrigin => Kind::CrossOrigin,
            Self::SignedLink(InvalidSignedLink::Signature) => Kind::LinkInvalid,
            Self::SignedLink(InvalidSignedLink::Expired) => Kind::LinkExpired,
            Self::Ended { is_own, recorded, .. } => {
                let (recording, har) = recorded.clone().map(|paths| (paths.recording, paths.har)).unzip();
                return Problem { can_reopen: *is_own, recording, har, ..Problem::new(Kind::Ended, self.to_string()) };
            }
            Self::NoRecording(NoRecording::Pending { retry_after_seconds }) => {
                return Problem::new(Kind::RecordingPending, self.to_string()).retry_after(*retry_after_seconds);
            }
            Self::NoRecording(NoRecording::NotRecorded) => Kind::NotRecorded,
            Self::NoRecording(NoRecording::Gone) => Kind::RecordingGone,
            Self::NoRecording(NoRecording::Unreadable) => Kind::RecordingUnreadable,
            Self::NotYours => Kind::NotYours,
            Self::NotFound { .. } => Kind::NotFound,
            Self::MethodNotAllowed { .. } => Kind::MethodNotAllowed,
        };
        Problem::new(kind, self.to_string())
    }
}

impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Self {
        Self::Open(error.into())
    }
}

fn click_kind(invalid: &InvalidClick) -> Kind {
    match invalid {
        InvalidClick::Url(InvalidUrl::Missing) => Kind::UrlMissing,
        InvalidClick::Url(InvalidUrl::TooLong(_)) => Kind::UrlTooLong,
        InvalidClick::Url(InvalidUrl::NotAbsolute(_)) => Kind::UrlInvalid,
        InvalidClick::Url(InvalidUrl::Scheme(_)) => Kind::UrlScheme,
        InvalidClick::Url(InvalidUrl::Port(_)) => Kind::UrlPort,
        InvalidClick::Url(InvalidUrl::Credentials) => Kind::UrlCredentials,
        InvalidClick::Unknown { .. } => Kind::UnknownOption,
        InvalidClick::Twice(_) => Kind::OptionTwice,
        InvalidClick::OutOfRange { .. } => Kind::OutOfRange,
        InvalidClick::Encoding(_) => Kind::Encoding,
        InvalidClick::Body(_) => Kind::Body,
    }
}

/// Why and when a session ended, as a sentence's end. Browser Run's own reasons are told as they are.
fn ended(reason: Option<&EndReason>, ended_at_ms: Option<u64>) -> String {
    let why = match reason {
        None => "no longer has this tab",
        Some(EndReason::TooOld) => "was closed when it reached its longest life",
        Some(EndReason::Unused) => "was closed when nobody had used it for a while",
        Some(EndReason::ClosedOnRequest) => "was closed on request",
        Some(EndReason::TabFailed) => "was closed because its page could not be opened",
        Some(EndReason::LinkRevoked) => "was closed when its link was revoked",
        Some(EndReason::Unreadable) => "was closed because what was known of it could not be read any more",
        Some(EndReason::Gone) => "has ended",
        Some(EndReason::Reported(own)) => return format!("has ended ({own}){}", at(ended_at_ms)),
    };
    format!("{why}{}", at(ended_at_ms))
}

fn at(time_ms: Option<u64>) -> String {
    time_ms.map(|time_ms| format!(", {} UTC", rfc3339(time_ms)[..16].replace('T', " at "))).unwrap_or_default()
}

fn refusal_problem(refusal: &Refusal) -> Problem {
    let (kind, retry_after_seconds) = match refusal {
        Refusal::LinkUnknown => (Kind::LinkUnknown, None),
        Refusal::LinkRevoked => (Kind::LinkRevoked, None),
        Refusal::LinkUsedUp { .. } => (Kind::LinkUsedUp, None),
        Refusal::Sessions { retry_after_seconds, .. } => (Kind::CallerSessions, Some(*retry_after_seconds)),
        Refusal::Opens { retry_after_seconds, .. } => (Kind::CallerOpens, Some(*retry_after_seconds)),
        Refusal::BrowserTime { retry_after_seconds, .. } => (Kind::BrowserTime, Some(*retry_after_seconds)),
    };
    Problem { retry_after_seconds, ..Problem::new(kind, refusal.to_string()) }
}

fn upstream_problem(error: &UpstreamError, now_ms: u64) -> Problem {
    let detail = error.to_string();
    match &error.kind {
        UpstreamErrorKind::TimedOut => Problem::new(Kind::Timeout, detail),
        UpstreamErrorKind::Denied { .. } => {
            let fix = "Operator: the API token needs the permission “Browser Rendering – Edit” on this account.";
            Problem::new(Kind::Denied, format!("{detail}. {fix}"))
        }
        UpstreamErrorKind::Limited { limit, retry_after_seconds, .. } => {
            let (kind, default) = match limit {
                Limit::Rate => (Kind::TooFast, RATE_SECONDS),
                Limit::Concurrency => (Kind::TooManyOpen, CAPACITY_SECONDS),
                Limit::BrowserTime => (Kind::NoBrowserTime, (DAY_MS - now_ms % DAY_MS).div_ceil(1_000)),
            };
            Problem::new(kind, detail).retry_after(retry_after_seconds.unwrap_or(default))
        }
        UpstreamErrorKind::Unavailable { retry_after_seconds, .. } => {
            Problem::new(Kind::NoBrowser, detail).retry_after(retry_after_seconds.unwrap_or(CAPACITY_SECONDS))
        }
        UpstreamErrorKind::Unreachable(_)
        | UpstreamErrorKind::Gone { .. }
        | UpstreamErrorKind::Refused { .. }
        | UpstreamErrorKind::Malformed(_) => Problem::new(Kind::Upstream, detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser_run::Answer;
    use page_url::RefusedHost;

    fn limited(message: &str, retry_after: Option<&str>, now_ms: u64) -> Problem {
        let answer = Answer { status: 429, retry_after: retry_after.map(str::to_owned), body: message.to_owned() };
        Error::from(OpenError::from(UpstreamError::refused("acquire", &answer))).problem(now_ms)
    }

    #[test]
    fn limits_say_which_they_are_and_when_to_come_back() {
        let fast = limited("Rate limit exceeded", None, 0);
        assert_eq!((fast.status, fast.kind), (503, "urn:devtools-link:too-fast"));
        assert_eq!(fast.retry_after_seconds, Some(20));
        assert_eq!(limited("Rate limit exceeded", Some("3"), 0).retry_after_seconds, Some(3));
        let day = limited("Browser time limit exceeded for today", None, DAY_MS - 90_500);
        assert_eq!((day.kind, day.retry_after_seconds), ("urn:devtools-link:no-browser-time", Some(91)));
    }

    /// What a click fails by, and what is answered then.
    #[test]
    fn every_way_a_click_fails_has_its_status_and_its_kind() {
        let upstream = |kind| OpenError::from(UpstreamError { step: "open_tab", kind });
        let gone = UpstreamErrorKind::Gone { status: 410, message: String::new() };
        for (error, status, kind) in [
            (upstream(UpstreamErrorKind::TimedOut), 504, "timeout"),
            (upstream(gone), 502, "upstream"),
            (LedgerError::from(Refusal::LinkRevoked).into(), 410, "link-revoked"),
            (LedgerError::from(Refusal::LinkUsedUp { max_opens: 1 }).into(), 410, "link-used-up"),
            (LedgerError::from(Refusal::LinkUnknown).into(), 410, "link-unknown"),
            (RefusedHost::NotListed("e.com".to_owned()).into(), 403, "host-refused"),
            (LedgerError::Failed(String::new()).into(), 503, "ledger"),
        ] {
            let problem = Error::from(error).problem(0);
            assert_eq!((problem.status, problem.kind), (status, format!("urn:devtools-link:{kind}").as_str()));
        }
    }

    #[test]
    fn only_a_browser_of_ones_own_that_has_ended_can_be_opened_again() {
        let ended = |is_own| {
            let error = Error::Ended {
                page: "e.com".to_owned(),
                is_own,
                ended_at_ms: Some(0),
                reason: Some(EndReason::Unused),
                recorded: None,
            };
            error.reply(true, "r1", 0).body
        };
        assert!(ended(true).contains("Open this page again") && !ended(false).contains("<form"));
        for error in [Error::from(InvalidSignedLink::Expired), Error::from(LedgerError::from(Refusal::LinkRevoked))] {
            let reply = error.reply(true, "r1", 0);
            assert!(reply.status == 410 && !reply.body.contains("<form"), "{}", reply.body);
        }
    }

    #[test]
    fn what_another_program_said_of_its_failure_is_logged_and_not_answered() {
        let unreachable = UpstreamErrorKind::Unreachable("no route to 10.0.0.1".to_owned());
        for (error, detail, said) in [
            (
                Error::from(LedgerError::Failed("SQLITE_CORRUPT in https://e.com/?secret".to_owned())),
                "the session ledger did not answer",
                "SQLITE_CORRUPT in https://e.com/?secret",
            ),
            (
                Error::from(OpenError::from(UpstreamError { step: "acquire", kind: unreachable })),
                "acquire: Browser Run could not be reached",
                "no route to 10.0.0.1",
            ),
        ] {
            assert_eq!(error.problem(0).detail, detail);
            assert_eq!(error.log_detail(), format!("{detail}: {said}"));
            for wants_html in [false, true] {
                let reply = error.reply(wants_html, "r1", 0);
                assert!(!format!("{reply:?}").contains(said), "{reply:?}");
            }
        }
    }

    #[test]
    fn a_program_gets_a_problem_and_a_person_a_page() {
        let error = Error::MethodNotAllowed { method: "PUT".to_owned(), allowed: "GET, HEAD" };
        let reply = error.reply(false, "r1", 0);
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
        assert_eq!(reply.header("allow"), Some("GET, HEAD"));
        assert_eq!(
            reply.body,
            r#"{"type":"urn:devtools-link:method-not-allowed","title":"Method not allowed","status":405,"detail":"PUT is not allowed here","request_id":"r1"}"#
        );
        let page = Error::NotFound { path: "/<b>".to_owned() }.reply(true, "r1", 0);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.body.contains("/&lt;b&gt;") && page.body.contains("r1"), "{}", page.body);
    }
}
