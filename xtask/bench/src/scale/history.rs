//! Ledgers with so many ended sessions. Each row is the Worker's own: a click opened its session, and a clean-up closed it.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;

use super::{
    deed::{self, Deed, send},
    worker,
};
use crate::{
    http::Connection, process::Cores, settings::Scale as Settings, stand_in, storage::Storage, workerd::Workerd,
};

/// Sessions that are open at once meanwhile.
const BATCH: usize = 500;
/// Clicks under way at once.
const CONNECTIONS: usize = 10;

pub(super) struct History {
    pub(super) rows: usize,
    pub(super) storage: Storage,
}

/// One for each number of rows; each goes on from the one before.
pub(super) async fn make(settings: &Settings, cores: &Cores) -> Result<Vec<History>> {
    let stand_in = stand_in::start(None).await?;
    let mut rows = settings.rows.clone();
    rows.sort_unstable();
    let mut histories: Vec<History> = Vec::new();
    for rows in rows {
        let (before, nothing) = (histories.last(), Storage::default());
        let (stored, from) = before.map_or((&nothing, 0), |before| (&before.storage, before.rows));
        eprintln!("a ledger with {rows} ended sessions …");
        let worker = worker(&settings.place, stand_in, &[CLOSES_EVERYTHING, ("SWEEP_BUDGET", "1000")]);
        let mut workerd = Workerd::start_on(stored, &settings.place, &worker, cores, false)?;
        let mut connection = workerd.connect().await?;
        for from in (from..rows).step_by(BATCH) {
            open(workerd.address, from, rows.min(from + BATCH)).await?;
            let answer = send(&mut connection, "POST", "/api/sweep").await?;
            ensure!(answer.status.is_success(), "the clean-up failed: {}", answer.text());
        }
        let list = send(&mut connection, "GET", "/api/sessions?state=ended&limit=1").await?;
        let list = serde_json::from_slice(&list.body).context("the list of sessions")?;
        ensure!(deed::total(&list) == rows, "the ledger has {} ended sessions, not {rows}", deed::total(&list));
        drop(connection);
        histories.push(History { rows, storage: workerd.stop()? });
    }
    Ok(histories)
}

/// Every session is too old for the next clean-up: a fraction of a minute that is no millisecond.
pub(super) const CLOSES_EVERYTHING: (&str, &str) = ("MAX_SESSION_MINUTES", "0.00001");

/// Opens a session for every number of a range.
async fn open(address: SocketAddr, from: usize, to: usize) -> Result<()> {
    let connections = (0..CONNECTIONS).map(|first| async move {
        let mut connection = Connection::open(address).await?;
        for number in (from + first..to).step_by(CONNECTIONS) {
            Deed::Click.carry_out(&mut connection, number, 0).await?;
        }
        anyhow::Ok(())
    });
    try_join_all(connections).await.map(drop)
}
