//! The client of Browser Run's session API: every call the Worker makes, over whatever [`Transport`] there is.

mod calls;
mod error;
mod fetch;
mod recordings;
#[cfg(test)]
pub(crate) mod scripted;

pub(crate) use calls::{Calls, Timing};
pub(crate) use error::{Limit, UpstreamError, UpstreamErrorKind};
pub(crate) use fetch::FetchTransport;
pub(crate) use recordings::Recorded;

use crate::domain::deadlines;
use crate::domain::{Options, SessionId, TargetId, UpstreamCall, View};
use browser_run_api::read::{Acquired, Done, List, LiveView, Session, Target};
use browser_run_api::{Guardrails, LiveViewGuardrails, LiveViewRequest, parse, paths};
use lean_json::FromJson;
use lean_json::ToJson;
use page_url::{PageUrl, query};

/// Carries calls to Browser Run: the REST API, a Workers binding, or a test's script.
pub(crate) trait Transport {
    /// Sends one call, once.
    async fn send(&self, call: &Call) -> Result<Answer, SendError>;
    /// The time in epoch milliseconds.
    fn now_ms(&self) -> u64;
}

/// One call of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// The step's name, for `server-timing`, errors and the log.
    pub(crate) step: &'static str,
    pub(crate) method: &'static str,
    /// Path and query below `…/devtools`.
    pub(crate) path: String,
    /// A JSON body.
    pub(crate) body: Option<String>,
    pub(crate) deadline_ms: u32,
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The `retry-after` header.
    pub(crate) retry_after: Option<String>,
    pub(crate) body: String,
}

/// Nothing came back.
#[derive(Debug, Clone)]
pub(crate) enum SendError {
    TimedOut,
    Unreachable(String),
}

/// The body of an acquisition.
#[derive(ToJson)]
struct AcquireRequest {
    guardrails: Guardrails,
}

/// Browser Run, as one request or one cron run uses it.
pub(crate) struct BrowserRun<T> {
    transport: T,
    calls: Calls,
}

impl<T: Transport> BrowserRun<T> {
    pub(crate) fn new(transport: T) -> Self {
        Self { transport, calls: Calls::default() }
    }

    /// What is called, for whoever tells of it.
    pub(crate) fn calls(&self) -> Calls {
        self.calls.clone()
    }

    /// What was called so far, in order.
    pub(crate) fn timings(&self) -> Vec<Timing> {
        self.calls.timings()
    }

    /// What was called since this was asked before, for the ledger to count.
    pub(crate) fn untold_calls(&self) -> Vec<UpstreamCall> {
        self.calls.untold()
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.transport.now_ms()
    }

    /// Starts a browser, confined to `allowed_domains` if there are any. Sent once and never repeated: a POST that
    /// timed out may have succeeded.
    pub(crate) async fn acquire(
        &self, options: &Options, allowed_domains: Option<&[String]>,
    ) -> Result<Acquired, UpstreamError> {
        let keep_alive_ms = u64::from(options.keep_alive_seconds) * 1_000;
        let recording = if options.recording { "&recording=true" } else { "" };
        let path = format!("{}?keep_alive={keep_alive_ms}&targets=true{recording}", paths::BROWSERS);
        let body = allowed_domains.map(|domains| {
            let guardrails = Guardrails { allowed_domains: Some(domains.to_vec()), ..Guardrails::default() };
            lean_json::write(&AcquireRequest { guardrails })
        });
        let acquired: Acquired = self.call("acquire", "POST", path, body).await?;
        if options.recording {
            self.calls.records(acquired.session_id.as_str().into());
        }
        Ok(acquired)
    }

    /// Opens a tab on exactly `url`.
    pub(crate) async fn open_tab(&self, session_id: &SessionId, url: &PageUrl) -> Result<Target, UpstreamError> {
        let path =
            format!("{}?url={}", paths::fill(paths::NEW_TARGET, &[session_id.as_str()]), query::encode(url.as_str()));
        self.call("open_tab", "PUT", path, None).await
    }

    /// Reads one target, with links made now.
    pub(crate) async fn target(&self, session_id: &SessionId, target_id: &TargetId) -> Result<Target, UpstreamError> {
        self.call("target", "GET", paths::fill(paths::TARGET, &[session_id.as_str(), target_id.as_str()]), None).await
    }

    /// Lists a session's targets, with links made now.
    pub(crate) async fn targets(&self, session_id: &SessionId) -> Result<Vec<Target>, UpstreamError> {
        let List(targets) =
            self.call("targets", "GET", paths::fill(paths::TARGETS, &[session_id.as_str()]), None).await?;
        Ok(targets)
    }

    /// Makes a link to a live view of one target.
    pub(crate) async fn live_view(
        &self, session_id: &SessionId, target_id: &TargetId, view: View,
    ) -> Result<LiveView, UpstreamError> {
        let request = LiveViewRequest {
            mode: view.mode,
            target_id: Some(target_id.as_str().to_owned()),
            guardrails: view.readonly.then(LiveViewGuardrails::default),
            expires_in_ms: None,
        };
        let path = paths::fill(paths::LIVE_VIEW, &[session_id.as_str()]);
        self.call("live_view", "POST", path, Some(lean_json::write(&request))).await
    }

    /// Closes one tab.
    pub(crate) async fn close_tab(&self, session_id: &SessionId, target_id: &TargetId) -> Result<(), UpstreamError> {
        self.send(
            "close_tab",
            "GET",
            paths::fill(paths::CLOSE_TARGET, &[session_id.as_str(), target_id.as_str()]),
            None,
        )
        .await
        .map(drop)
    }

    /// Closes a session. One that is gone already counts as closed.
    pub(crate) async fn close(&self, session_id: &SessionId) -> Result<(), UpstreamError> {
        match self.send("close", "DELETE", paths::fill(paths::BROWSER, &[session_id.as_str()]), None).await {
            Ok(body) if body.trim().is_empty() => Ok(()),
            Ok(body) => read::<Done>("close", &body).map(drop).inspect_err(|_| self.calls.is_malformed("close")),
            Err(error) if error.is_gone() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Reads one session. `None`: Browser Run does not know it any more.
    pub(crate) async fn session(&self, session_id: &SessionId) -> Result<Option<Session>, UpstreamError> {
        const STEP: &str = "session";
        match self.call::<Option<Session>>(STEP, "GET", paths::fill(paths::SESSION, &[session_id.as_str()]), None).await
        {
            Ok(Some(other)) if !other.session_id.eq_ignore_ascii_case(session_id.as_str()) => {
                Err(UpstreamError::malformed(STEP, "it is about another session"))
            }
            Err(error) if error.is_gone() => Ok(None),
            answer => answer,
        }
    }

    /// Reads one page of the account's list of sessions, whoever opened them.
    pub(crate) async fn sessions(&self, limit: usize, offset: usize) -> Result<Vec<Session>, UpstreamError> {
        let path = format!("{}?limit={limit}&offset={offset}", paths::SESSIONS);
        let List(sessions) = self.call("sessions", "GET", path, None).await?;
        Ok(sessions)
    }

    /// The transport, to ask a test's script.
    #[cfg(test)]
    pub(crate) fn transport(&self) -> &T {
        &self.transport
    }

    async fn call<A: FromJson>(
        &self, step: &'static str, method: &'static str, path: String, body: Option<String>,
    ) -> Result<A, UpstreamError> {
        let answer = self.send(step, method, path, body).await?;
        read(step, &answer).inspect_err(|_| self.calls.is_malformed(step))
    }

    /// Sends one call; answers a success's body.
    async fn send(
        &self, step: &'static str, method: &'static str, path: String, body: Option<String>,
    ) -> Result<String, UpstreamError> {
        let deadline_ms = if step == "acquire" { deadlines::ACQUIRE_MS } else { deadlines::CALL_MS };
        let started = self.transport.now_ms();
        let sent = self.transport.send(&Call { step, method, path, body, deadline_ms }).await;
        self.told(step, started, sent)
    }

    /// What came of a call, noted.
    fn told(&self, step: &'static str, started: u64, sent: Result<Answer, SendError>) -> Result<String, UpstreamError> {
        let milliseconds = self.transport.now_ms().saturating_sub(started);
        let answer = match sent {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(answer.body),
            Ok(answer) => Err(UpstreamError::refused(step, &answer)),
            Err(error) => Err(UpstreamError::unanswered(step, error)),
        };
        self.calls.push(Timing { step, milliseconds, failure: answer.as_ref().err().map(calls::kind) });
        answer
    }
}

fn read<A: FromJson>(step: &'static str, body: &str) -> Result<A, UpstreamError> {
    parse(body).map_err(|error| UpstreamError::malformed(step, &error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_another_shape_is_not_quoted() {
        for link in ["https://live.browser.run/?jwt=a.b.c", r#"\"jwt=a.b.c\" and \"jwt=d\""#] {
            for body in [format!(r#""{link}""#), format!(r#"{{"success":true,"result":"{link}"}}"#)] {
                let error = read::<Target>("open_tab", &body).unwrap_err().to_string();
                assert!(error.contains("expected an object"), "{error}");
                assert!(!error.contains("jwt"), "{error}");
            }
        }
    }
}
