//! Where a request's time went, pure: CDP's points in time as HAR's durations.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Milliseconds, as HAR has them: -1 is what did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Timing {
    pub(super) blocked: f64,
    pub(super) dns: f64,
    /// `ssl` included.
    pub(super) connect: f64,
    pub(super) ssl: f64,
    pub(super) send: f64,
    pub(super) wait: f64,
    pub(super) receive: f64,
}

impl Default for Timing {
    fn default() -> Self {
        Self { blocked: -1.0, dns: -1.0, connect: -1.0, ssl: -1.0, send: 0.0, wait: 0.0, receive: 0.0 }
    }
}

impl Timing {
    /// From a response's `timing`, and when the request was made and had ended, in CDP's seconds.
    ///
    /// Source: <https://chromedevtools.github.io/devtools-protocol/tot/Network/#type-ResourceTiming>.
    pub(super) fn new(timing: &Value, issued: f64, ended: f64) -> Self {
        let total = (ended - issued).max(0.0) * 1_000.0;
        // What comes out of a cache, or fails early, has no points.
        let Some(requested) = timing["requestTime"].as_f64().filter(|time| *time > 0.0) else {
            return Self { wait: total, ..Self::default() };
        };
        let point = |name: &str| timing[name].as_f64().filter(|point| *point >= 0.0);
        let between = |start: &str, end: &str| Some((point(end)? - point(start)?).max(0.0));
        let queued = ((requested - issued) * 1_000.0).max(0.0);
        let begun = ["dnsStart", "connectStart", "sendStart"].into_iter().find_map(point).unwrap_or_default();
        let sent = point("sendEnd").unwrap_or(begun);
        let answered = point("receiveHeadersEnd").unwrap_or(sent);
        let received = (ended - requested) * 1_000.0 - answered;
        Self {
            blocked: queued + begun,
            dns: between("dnsStart", "dnsEnd").unwrap_or(-1.0),
            connect: between("connectStart", "connectEnd").unwrap_or(-1.0),
            ssl: between("sslStart", "sslEnd").unwrap_or(-1.0),
            send: between("sendStart", "sendEnd").unwrap_or_default(),
            wait: (answered - sent).max(0.0),
            receive: received.max(0.0),
        }
    }

    /// All of it: what HAR calls an entry's time.
    pub(super) fn total(&self) -> f64 {
        let Self { blocked, dns, connect, send, wait, receive, .. } = *self;
        [blocked, dns, connect, send, wait, receive].into_iter().filter(|part| *part > 0.0).sum()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn points_become_durations_that_add_up() {
        let points = json!({"requestTime": 10.002, "dnsStart": 1, "dnsEnd": 3, "connectStart": 3, "connectEnd": 9,
            "sslStart": 5, "sslEnd": 9, "sendStart": 9, "sendEnd": 10, "receiveHeadersEnd": 30});
        let timing = Timing::new(&points, 10.0, 10.052);
        let Timing { blocked, dns, connect, ssl, send, wait, receive } = timing;
        let rounded = [blocked, dns, connect, ssl, send, wait, receive].map(f64::round);
        assert_eq!(rounded, [3.0, 2.0, 6.0, 4.0, 1.0, 20.0, 20.0]);
        assert_eq!(timing.total().round(), 52.0, "ssl is in connect");
    }

    #[test]
    fn what_has_no_points_has_waited() {
        let timing = Timing::new(&Value::Null, 10.0, 10.5);
        assert_eq!((timing.wait, timing.dns, timing.total()), (500.0, -1.0, 500.0));
        let reused = json!({"requestTime": 10.0, "dnsStart": -1, "dnsEnd": -1, "connectStart": -1, "connectEnd": -1,
            "sslStart": -1, "sslEnd": -1, "sendStart": 0.5, "sendEnd": 0.75, "receiveHeadersEnd": 2});
        let timing = Timing::new(&reused, 10.0, 10.002);
        assert_eq!((timing.blocked, timing.connect, timing.send, timing.wait), (0.5, -1.0, 0.25, 1.25));
    }
}
