//! Clicks, one after another, on many connections at once.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use hyper::header::LOCATION;
use serde_json::Value;
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{
    http::Connection,
    process::Usage,
    row::{self, API_TOKEN, Row},
};

/// More than there ever are.
const MOST_CONNECTIONS: usize = 256;
/// What a browser sends with a click on a link, so that a Worker has to read what it would have to.
const BROWSER: [(&str, &str); 7] = [
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    ),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("accept-language", "en-US,en;q=0.9"),
    ("sec-fetch-site", "none"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-user", "?1"),
    ("sec-fetch-dest", "document"),
];

/// How a row's clicks are made.
#[derive(Clone)]
pub(crate) struct Clicks {
    row: Row,
    /// Of the Worker; of the stand-in where there is none.
    address: SocketAddr,
    authorization: Option<String>,
    /// How many were begun: each is on another page.
    begun: Arc<AtomicUsize>,
    /// Told when no more may be made.
    used_up: Arc<Notify>,
}

/// How long, and on how many connections.
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// What happened once the warm-up was over.
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    /// Each click's, unsorted.
    pub(crate) latencies_ms: Vec<f64>,
    pub(crate) usage: Usage,
}

impl Clicks {
    pub(crate) fn new(row: Row, address: SocketAddr) -> Self {
        let authorization = row.authorization();
        Self { row, address, authorization, begun: Arc::default(), used_up: Arc::default() }
    }

    /// One click, until its answer is there.
    ///
    /// # Errors
    /// When it is anything but a redirect to a live view.
    pub(crate) async fn click(&self, connection: &mut Connection) -> Result<()> {
        let number = self.begun.fetch_add(1, Relaxed);
        let page = format!("https%3A%2F%2Fexample.com%2Fa%2Fpage%3Fnumber%3D{number}");
        if self.row == Row::Direct {
            return click_directly(connection, &page).await;
        }
        let mut headers = BROWSER.to_vec();
        headers.extend(self.authorization.as_deref().map(|value| ("authorization", value)));
        let answer = connection.send("GET", &format!("/?url={page}"), &headers).await?;
        let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        ensure!(
            answer.status == 302 && location.starts_with("https://live.browser.run/ui/view?wss="),
            "the answer is no link: {} {location}\n{}",
            answer.status,
            answer.text(),
        );
        Ok(())
    }

    /// Makes clicks, and says what came of them, and what they cost the Worker's process.
    pub(crate) async fn run(&self, load: &Load, worker: Option<u32>) -> Result<Measured> {
        let begin = Instant::now() + load.warm_up;
        let end = begin + load.measured;
        let mut connections = JoinSet::new();
        for _ in 0..load.connections {
            connections.spawn(self.clone().click_until(end));
        }
        sleep_until(begin).await;
        let (begin, before) = (Instant::now(), Usage::until_now(worker)?);
        // Either way is one of ending it.
        let _ = timeout_at(end, self.used_up.notified()).await;
        let (end, usage) = (Instant::now(), Usage::until_now(worker)?.since(before));
        let mut latencies_ms = Vec::new();
        while let Some(clicks) = connections.join_next().await {
            let counted = clicks??.into_iter().filter(|(ended, _)| (begin..end).contains(ended));
            latencies_ms.extend(counted.map(|(_, took)| took.as_secs_f64() * 1_000.0));
        }
        Ok(Measured { seconds: (end - begin).as_secs_f64(), latencies_ms, usage })
    }

    /// When each click was answered, and after how long.
    async fn click_until(self, end: Instant) -> Result<Vec<(Instant, Duration)>> {
        let mut connection = Connection::open(self.address).await?;
        let mut answered = Vec::new();
        while Instant::now() < end {
            // Every connection may begin one more.
            if self.begun.load(Relaxed) >= self.row.most_clicks() - MOST_CONNECTIONS {
                self.used_up.notify_one();
                break;
            }
            let begun = Instant::now();
            self.click(&mut connection).await?;
            answered.push((Instant::now(), begun.elapsed()));
        }
        Ok(answered)
    }
}

/// What a Worker does for a click, done by a native program.
async fn click_directly(connection: &mut Connection, page: &str) -> Result<()> {
    let authorization = format!("Bearer {API_TOKEN}");
    let headers = [("authorization", authorization.as_str())];
    let acquired: Value = serde_json::from_slice(&connection.send("POST", &row::acquire(), &headers).await?.body)?;
    let session = acquired["sessionId"].as_str().context("no session")?;
    let tab: Value =
        serde_json::from_slice(&connection.send("PUT", &row::open_tab(session, page), &headers).await?.body)?;
    tab["devtoolsFrontendUrl"].as_str().map(drop).context("no link")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in;

    #[tokio::test]
    async fn clicks_are_counted_from_the_end_of_the_warm_up() {
        let stand_in = stand_in::start(Some(Duration::from_millis(5))).await.unwrap();
        let clicks = Clicks::new(Row::Direct, stand_in);
        let (connections, period) = (2, Duration::from_millis(200));
        let load = Load { connections, warm_up: period, measured: period };
        let measured = clicks.run(&load, Some(std::process::id())).await.unwrap();
        assert!(measured.latencies_ms.len() < clicks.begun.load(Relaxed) && measured.latencies_ms.len() > 2);
        assert!(measured.latencies_ms.iter().all(|latency| *latency >= 10.0), "two calls of 5 ms");
        assert!(measured.usage.process_ms > 0.0 && measured.seconds > 0.0);
    }

    #[tokio::test]
    async fn an_answer_that_is_no_link_is_an_error() {
        let stand_in = stand_in::start(None).await.unwrap();
        let mut connection = Connection::open(stand_in).await.unwrap();
        let error = Clicks::new(Row::Plain, stand_in).click(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains("200 OK"), "{error}");
    }
}
