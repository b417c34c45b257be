//! What was recorded of a session, passed on: Browser Run's REST API alone has it.

use super::{BrowserRun, FetchTransport, UpstreamError};
use crate::domain::{SessionId, TargetId};
use crate::js::Relayed;
use browser_run_api::paths;

/// What of a recording.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Recorded<'a> {
    /// Every tab's events.
    Events,
    /// What one tab asked the network for, as HAR.
    Har(&'a TargetId),
}

impl BrowserRun<FetchTransport> {
    /// Asks for a recording, which goes to the caller unread: without secrets, of which `raw` leaves some in. `None`: a binding
    /// can't read recordings.
    pub(crate) async fn recorded(
        &self, session_id: &SessionId, what: Recorded<'_>, raw: bool,
    ) -> Option<Result<Relayed, UpstreamError>> {
        let path = match what {
            Recorded::Events => paths::fill(paths::RECORDING, &[session_id.as_str()]),
            Recorded::Har(target_id) => {
                format!(
                    "{}?target={target_id}&format=har",
                    paths::fill(paths::RECORDING_NETWORK, &[session_id.as_str()])
                )
            }
        };
        let started = self.now_ms();
        let (sent, relayed) = self.transport.relay(&path, raw, matches!(what, Recorded::Har(_))).await?;
        Some(self.told("recording", started, sent).map(|_| relayed))
    }
}
