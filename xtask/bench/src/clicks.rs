//! `cargo xtask bench`: every row under the same loads, round after round.

use std::{net::SocketAddr, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};

use crate::{
    http::Connection,
    load::{Clicks, Load, Measured},
    process::{self, Cores},
    report,
    row::Row,
    sample::{CONNECTIONS, Cell, DISTURBED, Sample},
    settings::Clicks as Settings,
    stand_in,
    statistics::{percentile, sorted},
    workerd::{self, Workerd},
};

/// What a call takes upstream when it takes any time.
const DELAY: Duration = Duration::from_millis(20);

/// What all measurements share.
struct Bench<'a> {
    settings: &'a Settings,
    cores: &'a Cores,
    immediate: SocketAddr,
    delayed: SocketAddr,
}

pub(crate) async fn run(settings: &Settings, cores: &Cores) -> Result<()> {
    let (immediate, delayed) = (stand_in::start(None).await?, stand_in::start(Some(DELAY)).await?);
    let bench = Bench { settings, cores, immediate, delayed };
    let mut samples = Vec::new();
    for round in 1..=settings.rounds {
        for (connections, upstream_ms) in
            CONNECTIONS.into_iter().flat_map(|connections| [(connections, 0), (connections, 20)])
        {
            eprintln!("round {round} of {}: {connections} connections, {upstream_ms} ms upstream …", settings.rounds);
            for row in settings.rows.iter().copied() {
                let sample = bench.undisturbed(Cell { row, upstream_ms, connections }).await;
                samples.push(sample.with_context(|| format!("{}, {connections} connections", row.title()))?);
            }
        }
    }
    let sizes: Vec<_> = settings.rows.iter().map(|row| gzipped_bytes(*row, settings)).collect::<Result<_>>()?;
    report::print(settings, &samples, &sizes, cores)
}

impl Bench<'_> {
    /// Measures again where other programs were in the way; of several samples, the one with least of that.
    async fn undisturbed(&self, cell: Cell) -> Result<Sample> {
        let mut best = self.measure(cell).await?;
        for _ in 1..self.settings.attempts {
            if best.others <= DISTURBED || best.others.is_nan() {
                break;
            }
            let again = self.measure(cell).await?;
            if again.others < best.others {
                best = again;
            }
        }
        Ok(best)
    }

    async fn measure(&self, cell: Cell) -> Result<Sample> {
        let upstream = if cell.upstream_ms == 0 { self.immediate } else { self.delayed };
        let load = Load {
            connections: cell.connections,
            warm_up: Duration::from_millis(self.settings.warm_up_ms),
            measured: Duration::from_millis(self.settings.measured_ms),
        };
        let Some(worker) = cell.row.worker(&self.settings.place, upstream) else {
            let measured = Clicks::new(cell.row, upstream).run(&load, None).await?;
            return Ok(self.sample(cell, measured));
        };
        let mut workerd = Workerd::start(&self.settings.place, &worker, self.cores, false)?;
        let clicks = Clicks::new(cell.row, workerd.address);
        let mut connection = workerd.connect().await?;
        clicks.click(&mut connection).await?;
        let first_answer_ms = workerd.started.elapsed().as_secs_f64() * 1_000.0;
        drop::<Connection>(connection);
        let measured = clicks.run(&load, Some(workerd.pid())).await?;
        let memory_mib = process::memory_mib(workerd.pid())?;
        Ok(Sample { first_answer_ms, memory_mib, ..self.sample(cell, measured) })
    }

    #[expect(clippy::cast_precision_loss, reason = "clicks and cores are few")]
    fn sample(&self, cell: Cell, measured: Measured) -> Sample {
        let clicks = measured.latencies_ms.len() as f64;
        let latencies = sorted(measured.latencies_ms);
        Sample {
            cell,
            clicks_per_second: clicks / measured.seconds,
            p50_ms: percentile(&latencies, 50.0),
            p99_ms: percentile(&latencies, 99.0),
            cpu_ms_per_click: measured.usage.process_ms / clicks,
            memory_mib: f64::NAN,
            first_answer_ms: f64::NAN,
            others: measured.usage.others_ms / 1_000.0 / measured.seconds / self.cores.count as f64,
        }
    }
}

/// What deploying would upload, compressed as Cloudflare counts it against a Worker's size limit; `None` where there is
/// no Worker.
fn gzipped_bytes(row: Row, settings: &Settings) -> Result<Option<usize>> {
    let Some(folder) = row.folder(&settings.place) else { return Ok(None) };
    workerd::modules(&folder)?.iter().map(|file| gzipped(file)).sum::<Result<usize>>().map(Some)
}

fn gzipped(file: &Path) -> Result<usize> {
    let output = Command::new("gzip").arg("-9c").arg(file).output().context("gzip is missing")?;
    ensure!(output.status.success(), "gzip could not read {}", file.display());
    Ok(output.stdout.len())
}
