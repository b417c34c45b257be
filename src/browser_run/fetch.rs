//! The real transports. The REST API and the Workers binding are the same `fetch` with another base,
//! one with a token and one without.

use super::{Answer, Call, SendError, Transport};
use crate::domain::deadlines::CALL_MS;
use crate::js::{self, Fetcher, Outcome, Relayed};
use browser_run_api::paths;
use std::sync::OnceLock;

/// The host of a binding's requests is never looked up.
const BINDING_ORIGIN: &str = "https://browser-run";

/// `fetch`, aimed at Browser Run.
pub(crate) struct FetchTransport {
    binding: Option<Fetcher>,
    /// Everything up to and including `…/devtools`.
    base: &'static str,
    token: Option<&'static str>,
}

impl FetchTransport {
    /// Over the REST API of an account: that of this isolate's configuration.
    pub(crate) fn rest(base_url: &str, account_id: &str, token: &'static str) -> Self {
        static BASE: OnceLock<String> = OnceLock::new();
        let base = BASE.get_or_init(|| format!("{base_url}{}", paths::fill(paths::PREFIX, &[account_id])));
        Self { binding: None, base, token: Some(token) }
    }

    /// Over a Workers binding.
    pub(crate) fn binding(fetcher: Fetcher) -> Self {
        static BASE: OnceLock<String> = OnceLock::new();
        let base = BASE.get_or_init(|| format!("{BINDING_ORIGIN}{}", paths::BINDING_PREFIX));
        Self { binding: Some(fetcher), base, token: None }
    }

    /// Has a path below `…/recording`, which is beside `…/devtools`, passed on, as [`js::relay`] does. `None`: the binding can't read those.
    pub(super) async fn relay(
        &self, path: &str, raw: bool, network: bool,
    ) -> Option<(Result<Answer, SendError>, Relayed)> {
        let (account, _) = self.base.rsplit_once('/')?;
        let url = format!("{account}/recording{path}");
        let (awaited, relayed) = js::relay(&url, self.token?, CALL_MS, raw, network);
        Some((self.sent(awaited.await), relayed))
    }

    fn sent(&self, outcome: Outcome) -> Result<Answer, SendError> {
        match outcome {
            Outcome { status: 0, note, .. } if note.as_deref() == Some("TimeoutError") => Err(SendError::TimedOut),
            Outcome { status: 0, text, .. } => Err(SendError::Unreachable(self.redact(text))),
            Outcome { status: status @ 200..300, note, text } => Ok(Answer { status, retry_after: note, body: text }),
            Outcome { status, note, text } => Ok(Answer { status, retry_after: note, body: self.redact(text) }),
        }
    }

    /// What upstream says of a failure can reach a caller, so an upstream that echoes the token must not give it away. Not what it
    /// says of a success, in which a short token can stand by chance: no answer is quoted from there.
    fn redact(&self, text: String) -> String {
        match self.token {
            Some(token) if text.contains(token) => text.replace(token, "[redacted]"),
            _ => text,
        }
    }
}

impl Transport for FetchTransport {
    async fn send(&self, call: &Call) -> Result<Answer, SendError> {
        let Self { binding, base, token } = self;
        let url = format!("{base}{}", call.path);
        let to = (call.method, url.as_str());
        self.sent(js::exchange(binding.as_ref(), to, *token, call.body.as_deref(), call.deadline_ms).await)
    }

    fn now_ms(&self) -> u64 {
        js::now_ms()
    }
}
