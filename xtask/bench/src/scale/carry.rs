//! How much one ledger carries: requests a second, with as many under way as there can be, by how often each asks it.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use tokio::{task::JoinSet, time::Instant};

use super::{
    deed::{is_link, new_session, new_tab, send},
    share, worker,
};
use crate::{
    http::{Answer, Connection},
    process::{Cores, Usage},
    settings::Scale as Settings,
    stand_in,
    workerd::Workerd,
};

/// Requests under way at once.
const CONNECTIONS: usize = 64;
/// Clicks within a minute, as far as that limit can be raised; every connection may begin one more.
const MOST_CLICKS: usize = 10_000 - 2 * CONNECTIONS;

/// One kind of request.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Load {
    /// The ledger is not asked: what reading a request and answering it costs.
    Nothing,
    /// A click of somebody who has as many sessions as one may.
    Refused,
    /// A click on a page that was opened a moment ago.
    Joined,
    /// A click that opens a tab in the session that its caller has, and from the ninth on has another closed.
    Reused,
    /// A click that opens a session.
    New,
    /// A clean-up that finds nothing to do.
    CleanUp,
}

#[derive(Clone, Serialize)]
pub(super) struct Carried {
    pub(super) load: Load,
    pub(super) requests_per_second: f64,
    /// All of workerd's: the Worker's half and the ledger's.
    pub(super) cpu_ms: f64,
    /// How much of the machine other programs had.
    pub(super) others: f64,
}

impl Load {
    pub(super) const ALL: [Self; 6] =
        [Self::Nothing, Self::Refused, Self::Joined, Self::Reused, Self::New, Self::CleanUp];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Nothing => "a path that is not there",
            Self::Refused => "a click that is refused",
            Self::Joined => "a click that joins another's tab",
            Self::Reused => "a click that opens a tab",
            Self::New => "a click that opens a session",
            Self::CleanUp => "an idle clean-up",
        }
    }

    /// How often the ledger is asked.
    pub(super) fn commands(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Refused | Self::Joined => 1,
            Self::Reused | Self::CleanUp => 2,
            Self::New => 3,
        }
    }

    fn variables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Nothing | Self::Reused | Self::New | Self::CleanUp => &[],
            Self::Refused => &[("MAX_SESSIONS_PER_CALLER", "1")],
            Self::Joined => &[("COALESCE_SECONDS", "3600")],
        }
    }

    fn request(self, number: usize) -> (&'static str, String) {
        match self {
            Self::Nothing => ("GET", "/api/nothing".to_owned()),
            Self::Joined => ("GET", new_session(0)),
            Self::Refused | Self::New => ("GET", new_session(number)),
            Self::Reused => ("GET", new_tab(number)),
            Self::CleanUp => ("POST", "/api/sweep".to_owned()),
        }
    }

    fn is_as_expected(self, answer: &Answer) -> bool {
        match self {
            Self::Nothing => answer.status == 404,
            Self::Refused => answer.status == 429,
            Self::Joined | Self::Reused | Self::New => is_link(answer),
            Self::CleanUp => answer.status == 200,
        }
    }

    fn most_requests(self) -> usize {
        if matches!(self, Self::Reused | Self::New) { MOST_CLICKS } else { usize::MAX / 2 }
    }
}

pub(super) async fn measure(load: Load, settings: &Settings, cores: &Cores) -> Result<Carried> {
    let worker = worker(&settings.place, stand_in::start(None).await?, load.variables());
    let mut workerd = Workerd::start(&settings.place, &worker, cores, false)?;
    // Opens the session because of which others are refused, or which they join.
    let opened = send(&mut workerd.connect().await?, "GET", &new_session(0)).await?;
    ensure!(is_link(&opened), "the first click was answered {}\n{}", opened.status, opened.text());
    let begin = Instant::now() + Duration::from_millis(settings.warm_up_ms);
    let end = begin + Duration::from_millis(settings.measured_ms);
    let mut connections = JoinSet::new();
    for first in 1..=CONNECTIONS {
        connections.spawn(ask_until(load, workerd.address, first, end));
    }
    tokio::time::sleep_until(begin).await;
    let before = Usage::until_now(Some(workerd.pid()))?;
    let mut answered = Vec::new();
    while let Some(times) = connections.join_next().await {
        answered.extend(times?.with_context(|| load.title())?.into_iter().filter(|time| *time >= begin));
    }
    let usage = Usage::until_now(Some(workerd.pid()))?.since(before);
    let last = answered.iter().max().copied().context("nothing was answered after the warm-up")?;
    Ok(carried(load, answered.len(), (last - begin).as_secs_f64(), usage, cores))
}

#[expect(clippy::cast_precision_loss, reason = "requests are few")]
fn carried(load: Load, requests: usize, seconds: f64, usage: Usage, cores: &Cores) -> Carried {
    let requests = requests as f64;
    Carried {
        load,
        requests_per_second: requests / seconds,
        cpu_ms: usage.process_ms / requests,
        others: share(usage.others_ms, seconds, cores),
    }
}

/// When each request of one connection was answered: every `CONNECTIONS`th number is its own.
async fn ask_until(load: Load, address: SocketAddr, first: usize, end: Instant) -> Result<Vec<Instant>> {
    let mut connection = Connection::open(address).await?;
    let mut answered = Vec::new();
    for number in (first..load.most_requests()).step_by(CONNECTIONS) {
        if Instant::now() >= end {
            break;
        }
        let (method, path) = load.request(number);
        let answer = send(&mut connection, method, &path).await?;
        ensure!(load.is_as_expected(&answer), "it was answered {}\n{}", answer.status, answer.text());
        answered.push(Instant::now());
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_is_told_by_the_second_and_by_the_request() {
        let usage = Usage { process_ms: 1_000.0, others_ms: 200.0 };
        let carried = carried(Load::New, 500, 2.0, usage, &Cores::together());
        assert_eq!((carried.requests_per_second, carried.cpu_ms), (250.0, 2.0));
        assert!(carried.others <= 0.1, "two seconds of every core");
    }

    #[test]
    fn a_refused_click_is_another_each_time_and_a_joined_one_the_same() {
        assert_ne!(Load::Refused.request(1), Load::Refused.request(2));
        assert_eq!(Load::Joined.request(1), Load::Joined.request(2));
    }
}
