//! What is noted of a request while it is answered, and its one line in the log.
//!
//! The line is written when nobody is left who could add to it: what a click does behind its answer is in the same line, and
//! the answer does not wait for that. docs/operations.md says what each field means.

use super::error::Error;
use super::problem::Problem;
use super::reply::Reply;
use crate::browser_run::Calls;
use crate::domain::{SessionId, redact};
use crate::log::Line;
use crate::service::open::{OpenError, Opened};
use page_url::PageUrl;
use std::cell::{Cell, RefCell};

/// What became of a request: a few words for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A click got a new session.
    Acquired,
    /// A click got a tab in a session that was there.
    Reused,
    /// A click got the tab of the same click, made before.
    Joined,
    /// A permalink led to its tab.
    Followed,
    /// It was no click: a page with a button.
    Preview,
    /// A signed link's browser was sent back with its marker.
    Marked,
    /// Anything else that succeeded.
    Answered,
    /// 400, 404, 405: it can't be understood, or there is no such thing.
    Invalid,
    /// 401, 403, 421: whoever asks may not.
    Denied,
    /// 429, and 410 of a signed link: a rule of ours says no.
    Refused,
    /// 410: the session has ended.
    Ended,
    /// 5xx
    Failed,
    /// Whoever asked left before there was an answer.
    Left,
}

/// What is noted of a request. It writes its line when it is dropped.
pub(crate) struct Journal {
    pub(super) request_id: String,
    method: String,
    route: &'static str,
    began_ms: u64,
    noted: RefCell<Noted>,
    /// Whether whoever asks may know what is missing: on their own machine, or as one of the operators.
    tells_setup: Cell<bool>,
}

#[derive(Default)]
struct Noted {
    log_urls: bool,
    calls: Calls,
    caller: Option<String>,
    session_id: Option<String>,
    /// The page that is opened.
    page: Option<PageUrl>,
    outcome: Option<Outcome>,
    status: Option<u16>,
    total_ms: Option<u64>,
    problem: Option<&'static str>,
    error: Option<String>,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Acquired => "acquired",
            Self::Reused => "reused",
            Self::Joined => "joined",
            Self::Followed => "followed",
            Self::Preview => "preview",
            Self::Marked => "marked",
            Self::Answered => "answered",
            Self::Invalid => "invalid",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Ended => "ended",
            Self::Failed => "failed",
            Self::Left => "left",
        }
    }

    fn of(problem: &Problem) -> Self {
        match problem.status {
            401 | 403 | 421 => Self::Denied,
            410 if problem.name() == "ended" => Self::Ended,
            410 | 429 => Self::Refused,
            500.. => Self::Failed,
            _ => Self::Invalid,
        }
    }
}

impl Journal {
    /// Of a request whose route is this pattern.
    pub(crate) fn new(request_id: String, method: String, route: &'static str, now_ms: u64) -> Self {
        Self { request_id, method, route, began_ms: now_ms, noted: RefCell::default(), tells_setup: Cell::new(false) }
    }

    /// Whoever asks runs this.
    pub(crate) fn is_operators(&self) {
        self.tells_setup.set(true);
    }

    /// Lets the line have the page's URL.
    pub(super) fn log_urls(&self) {
        self.noted.borrow_mut().log_urls = true;
    }

    /// Whose calls are the request's.
    pub(crate) fn calls(&self, calls: Calls) {
        self.noted.borrow_mut().calls = calls;
    }

    /// Who it is.
    pub(crate) fn caller(&self, name: &str) {
        self.noted.borrow_mut().caller = Some(name.to_owned());
    }

    /// Which of our sessions it is about.
    pub(crate) fn session(&self, session_id: &SessionId) {
        self.noted.borrow_mut().session_id = Some(session_id.as_str().to_owned());
    }

    /// What page it is about: errors may quote its URL.
    pub(crate) fn page(&self, url: &PageUrl) {
        self.noted.borrow_mut().page = Some(url.clone());
    }

    pub(crate) fn outcome(&self, outcome: Outcome) {
        self.noted.borrow_mut().outcome = Some(outcome);
    }

    /// A click has its tab.
    pub(super) fn opened(&self, opened: &Opened) {
        self.session(&opened.session_id);
        self.outcome(match opened {
            Opened { joined: true, .. } => Outcome::Joined,
            Opened { reused: true, .. } => Outcome::Reused,
            _ => Outcome::Acquired,
        });
    }

    /// Something went wrong behind the answer.
    pub(super) fn could_not(&self, what: &str, detail: &str) {
        let mut noted = self.noted.borrow_mut();
        let error = format!("{what}: {}", noted.redacted(detail));
        noted.error.get_or_insert(error);
    }

    /// The problem that an error is, noted: of an answer that has begun already.
    pub(super) fn problem(&self, error: &Error, now_ms: u64) -> Problem {
        let problem = Problem { request_id: self.request_id.clone(), ..error.problem(now_ms) };
        self.failed(error, &problem);
        self.took_until(now_ms);
        problem
    }

    /// The whole answer was there by then.
    pub(super) fn took_until(&self, now_ms: u64) {
        self.noted.borrow_mut().total_ms = Some(now_ms.saturating_sub(self.began_ms));
    }

    /// Turns what came of the request into its answer, which has the request's id. What is wrong here is noted once, with its
    /// detail; what is wrong with the request by its kind, since it may quote the request.
    pub(crate) fn conclude(
        &self, answer: Result<Reply, Error>, wants_html: impl FnOnce() -> bool, now_ms: u64,
    ) -> Reply {
        let reply = answer.unwrap_or_else(|error| {
            let problem = error.problem(now_ms);
            self.failed(&error, &problem);
            // What it is that goes wrong is nobody's business who asks for its health.
            let told = match error {
                _ if self.route == "/healthz" && problem.status >= 500 => Error::NotReady,
                Error::Config(_) if !self.tells_setup.get() => Error::NotSetUp,
                error => error,
            };
            told.reply(wants_html(), &self.request_id, now_ms)
        });
        self.noted.borrow_mut().status = Some(reply.status);
        self.took_until(now_ms);
        reply.with("x-request-id", self.request_id.as_str())
    }

    fn failed(&self, error: &Error, problem: &Problem) {
        let mut noted = self.noted.borrow_mut();
        noted.outcome = Some(Outcome::of(problem));
        noted.problem = Some(problem.name());
        if problem.status >= 500 {
            let detail = error.log_detail();
            // What is not ours to word.
            let is_quoting = matches!(error, Error::Open(OpenError::Upstream(_) | OpenError::Ledger(_)));
            noted.error = Some(if is_quoting { noted.redacted(&detail) } else { detail });
        }
    }
}

impl Noted {
    fn redacted(&self, detail: &str) -> String {
        if self.log_urls { detail.to_owned() } else { redact(detail, self.page.as_ref()) }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let noted = self.noted.take();
        let outcome = match (noted.outcome, noted.status) {
            (Some(outcome), _) => outcome,
            (None, Some(_)) => Outcome::Answered,
            (None, None) => Outcome::Left,
        };
        let line = Line::new("request").text("request_id", self.request_id.as_str());
        let line = line.text("method", self.method.as_str()).text("route", self.route);
        let line = line.number("status", noted.status.map(u64::from)).text("outcome", outcome.name());
        let line = line.text("caller", noted.caller.as_deref()).text("session_id", noted.session_id.as_deref());
        let line = noted.calls.tell(line.number("total_ms", noted.total_ms));
        let page_url = noted.page.as_ref().map(PageUrl::as_str).filter(|_| noted.log_urls);
        line.text("page_url", page_url).text("problem", noted.problem).error(noted.error.as_deref()).write();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser_run::{Answer, UpstreamError};
    use crate::config::ConfigError;
    use crate::log::kept;
    use serde_json::{Value, json};

    const PAGE: &str = "https://e.com/reset?token=s3cret";

    fn journal(route: &'static str) -> Journal {
        kept::take();
        Journal::new("r1".to_owned(), "GET".to_owned(), route, 1_000)
    }

    /// The line of a request that was answered so, and the answer.
    fn told(journal: Journal, answer: Result<Reply, Error>) -> (Value, Reply) {
        let reply = journal.conclude(answer, || false, 1_250);
        assert!(kept::take().is_empty(), "it may go on behind the answer");
        drop(journal);
        let [line] = &kept::take()[..] else { panic!("one line a request") };
        (serde_json::from_str(line).unwrap(), reply)
    }

    fn failure() -> Error {
        let body = format!("can't navigate to {PAGE} ({})", page_url::query::encode(PAGE));
        OpenError::from(UpstreamError::refused("open_tab", &Answer { status: 500, retry_after: None, body })).into()
    }

    #[test]
    fn a_request_is_one_line_with_what_was_noted_of_it() {
        let journal = journal("/s/{session}");
        journal.caller("ada");
        journal.session(&"s1".into());
        journal.outcome(Outcome::Followed);
        let (line, reply) = told(journal, Ok(Reply::empty(302)));
        let expected = json!({
            "event": "request", "request_id": "r1", "method": "GET", "route": "/s/{session}", "status": 302,
            "outcome": "followed", "caller": "ada", "session_id": "s1", "total_ms": 250,
        });
        assert_eq!((line, reply.header("x-request-id")), (expected, Some("r1")));
    }

    #[test]
    fn an_error_is_told_with_its_detail_and_without_the_pages_url() {
        let click = || {
            let journal = journal("/");
            journal.page(&PageUrl::parse(PAGE).unwrap());
            journal
        };
        let (line, reply) = told(click(), Err(failure()));
        assert_eq!((&line["outcome"], &line["problem"]), (&json!("failed"), &json!("upstream")));
        let error = line["error"].as_str().unwrap();
        assert!(error.starts_with("open_tab: Browser Run answered 500: can't navigate to"), "{error}");
        assert!(!line.to_string().contains("s3cret") && line.get("page_url").is_none(), "{line}");
        let problem: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(problem["request_id"], "r1");
        let with_urls = click();
        with_urls.log_urls();
        let (line, _) = told(with_urls, Err(failure()));
        assert!(line["error"].as_str().unwrap().contains("s3cret"), "{line}");
        assert_eq!(line["page_url"], PAGE);
    }

    #[test]
    fn what_is_wrong_with_a_request_is_told_by_its_kind_alone() {
        for (error, outcome, problem) in [
            (Error::NotFound { path: "/s3cret".to_owned() }, "invalid", "not-found"),
            (Error::NotYours, "denied", "not-yours"),
            (Error::CrossOrigin, "denied", "cross-origin"),
            (crate::domain::InvalidSignedLink::Expired.into(), "refused", "link-expired"),
        ] {
            let (line, _) = told(journal("/"), Err(error));
            assert_eq!((&line["outcome"], &line["problem"]), (&json!(outcome), &json!(problem)));
            assert!(line.get("error").is_none() && !line.to_string().contains("s3cret"), "{line}");
        }
    }

    #[test]
    fn a_stranger_is_not_told_what_the_log_is() {
        let (line, reply) = told(journal("/healthz"), Err(ConfigError::NoAccount.into()));
        assert!(line["error"].as_str().unwrap().contains("CLOUDFLARE_ACCOUNT_ID"), "{line}");
        assert!(reply.body.contains("not-ready") && !reply.body.contains("CLOUDFLARE"), "{}", reply.body);
    }

    #[test]
    fn what_goes_wrong_behind_an_answer_is_in_its_line() {
        let journal = journal("/");
        journal.could_not("its tab is not recorded", &format!("the ledger said {PAGE}"));
        let (line, _) = told(journal, Ok(Reply::empty(302)));
        assert_eq!(line["error"], "its tab is not recorded: the ledger said https://e.com");
    }

    #[test]
    fn who_leaves_before_the_answer_has_a_line_too() {
        drop(journal("/"));
        let [line] = &kept::take()[..] else { panic!("one line a request") };
        let expected = r#"{"event":"request","request_id":"r1","method":"GET","route":"/","outcome":"left"}"#;
        assert_eq!(line, expected);
    }
}
