//! `cargo xtask bench scale`: whether anything that the Worker does takes longer for what its ledger remembers and what else
//! the account has, and how many clicks one ledger carries.
//!
//! - [`history`]: ledgers with ended sessions, made by clicks and clean-ups
//! - [`turn`]: everything that is measured of one ledger, once · [`deed`]: each of these
//! - [`carry`]: requests a second at saturation, by how often each asks the ledger
//! - [`report`]: what is printed

mod carry;
mod deed;
mod history;
mod report;
mod turn;

use std::net::SocketAddr;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::{
    place::Place,
    process::{Cores, Usage},
    row::Row,
    settings::Scale as Settings,
    workerd::Worker,
};
use deed::Deed;
use history::History;
use turn::Running;

/// What a ledger and its account hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
struct Cell {
    /// Ended sessions in the ledger.
    rows: usize,
    /// Sessions on the account's list that somebody else opened.
    foreign: usize,
}

/// One deed, once.
#[derive(Clone, Serialize)]
struct Sample {
    #[serde(flatten)]
    cell: Cell,
    deed: Deed,
    round: usize,
    /// Within the round. In one turn every cell has every deed, one after the other.
    turn: usize,
    ms: f64,
    /// To Browser Run, those behind the answer included.
    calls: u64,
}

pub(crate) async fn run(settings: &Settings, cores: &Cores) -> Result<()> {
    let histories = history::make(settings, cores).await?;
    let (mut samples, mut carried, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=settings.rounds {
        eprintln!("round {round} of {}: turn by turn …", settings.rounds);
        others.push(measure(settings, cores, &histories, round, &mut samples).await?);
        for load in carry::Load::ALL {
            eprintln!("round {round} of {}: {} …", settings.rounds, load.title());
            let sample = carry::measure(load, settings, cores).await?;
            others.push(sample.others);
            carried.push(sample);
        }
    }
    report::print(settings, &samples, &carried, &others, cores)
}

/// One round: every cell has a workerd of its own, and they take turns. Answers how much of the machine others had meanwhile.
async fn measure(
    settings: &Settings, cores: &Cores, histories: &[History], round: usize, samples: &mut Vec<Sample>,
) -> Result<f64> {
    let (began, before) = (std::time::Instant::now(), Usage::until_now(None)?.others_ms);
    let mut running = Vec::new();
    for turn in 0..settings.restarts {
        // Those before end here, so that none is there while the next start.
        running.clear();
        for history in histories {
            for foreign in settings.foreign.iter().copied() {
                let cell = Cell { rows: history.rows, foreign };
                let (started, first) = Running::start(cell, history, settings, cores).await?;
                samples.push(Sample { round, turn, ..first });
                running.push(started);
            }
        }
    }
    for turn in 0..settings.warm_up_turns + settings.turns {
        for cell in &mut running {
            let taken = cell.turn().await.with_context(|| format!("{:?}", cell.cell))?;
            if turn >= settings.warm_up_turns {
                samples.extend(taken.into_iter().map(|sample| Sample { round, turn, ..sample }));
            }
        }
    }
    let own: f64 = running.iter().map(|cell| Ok(Usage::until_now(Some(cell.pid()))?.process_ms)).sum::<Result<_>>()?;
    let others_ms = Usage::until_now(None)?.others_ms - before - own;
    Ok(share(others_ms, began.elapsed().as_secs_f64(), cores))
}

/// How much of the machine so much processor time is.
#[expect(clippy::cast_precision_loss, reason = "cores are few")]
fn share(ms: f64, seconds: f64, cores: &Cores) -> f64 {
    ms / 1_000.0 / seconds / cores.count as f64
}

/// The Worker of a known caller, who is an operator, with other variables.
fn worker(place: &Place, stand_in: SocketAddr, changed: &[(&'static str, &str)]) -> Worker {
    let mut worker = Row::UsReused.worker(place, stand_in).expect("ours has a Worker");
    worker.variables.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
    worker.variables.push(("OPERATORS", "somebody".to_owned()));
    worker.variables.extend(changed.iter().map(|(name, value)| (*name, (*value).to_owned())));
    worker
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_changed_variable_stands_for_the_one_of_the_row() {
        let [root, worker_folder, comparators, scratch] = ["r", "w", "c", "s"].map(PathBuf::from);
        let place = Place { root, worker: worker_folder, comparators, scratch };
        let worker = worker(&place, "127.0.0.1:1".parse().unwrap(), &[("MAX_SESSIONS_PER_CALLER", "1")]);
        let of = |name| worker.variables.iter().filter(|(other, _)| *other == name).collect::<Vec<_>>();
        assert_eq!(of("MAX_SESSIONS_PER_CALLER"), [&("MAX_SESSIONS_PER_CALLER", "1".to_owned())]);
        assert_eq!(of("OPERATORS").len(), 1);
    }
}
