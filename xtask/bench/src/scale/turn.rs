//! One ledger's Worker, and everything that is measured of it, once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::Result;

use super::{
    Cell, Sample,
    deed::Deed,
    history::{CLOSES_EVERYTHING, History},
    worker,
};
use crate::{
    http::Connection,
    process::Cores,
    settings::Scale as Settings,
    stand_in::{self, Behaviour},
    workerd::Workerd,
};

/// Without a call for so long, nothing is left of what went on behind an answer.
const QUIET: Duration = Duration::from_millis(20);

/// A Worker that runs.
pub(super) struct Running {
    pub(super) cell: Cell,
    workerd: Workerd,
    connection: Connection,
    calls: Arc<AtomicU64>,
    /// Clicks so far: each is on another page, and none on one of the history's.
    clicks: usize,
}

impl Running {
    /// Starts it, and clicks once: that is the first click after a restart.
    pub(super) async fn start(
        cell: Cell, history: &History, settings: &Settings, cores: &Cores,
    ) -> Result<(Self, Sample)> {
        let calls = Arc::<AtomicU64>::default();
        let behaviour = Behaviour { foreign: cell.foreign, calls: Arc::clone(&calls), ..Behaviour::default() };
        let worker = worker(&settings.place, stand_in::start_as(behaviour).await?, &[CLOSES_EVERYTHING]);
        let mut workerd = Workerd::start_on(&history.storage, &settings.place, &worker, cores, false)?;
        let connection = workerd.connect().await?;
        let mut running = Self { cell, workerd, connection, calls, clicks: history.rows };
        let first = running.measure(Deed::FirstClick).await?;
        running.measure(Deed::CleanUp).await?;
        Ok((running, first))
    }

    pub(super) fn pid(&self) -> u32 {
        self.workerd.pid()
    }

    pub(super) async fn turn(&mut self) -> Result<Vec<Sample>> {
        let mut samples = Vec::new();
        for deed in Deed::TURN {
            samples.push(self.measure(deed).await?);
        }
        Ok(samples)
    }

    /// The round and the turn are the caller's.
    async fn measure(&mut self, deed: Deed) -> Result<Sample> {
        self.clicks += 1;
        let (before, began) = (self.calls.load(Relaxed), Instant::now());
        deed.carry_out(&mut self.connection, self.clicks, self.cell.rows).await?;
        let ms = began.elapsed().as_secs_f64() * 1_000.0;
        self.settle().await;
        let calls = self.calls.load(Relaxed) - before;
        Ok(Sample { cell: self.cell, deed, round: 0, turn: 0, ms, calls })
    }

    /// Waits until nothing is asked of Browser Run any more.
    async fn settle(&self) {
        loop {
            let before = self.calls.load(Relaxed);
            tokio::time::sleep(QUIET).await;
            if self.calls.load(Relaxed) == before {
                break;
            }
        }
    }
}
