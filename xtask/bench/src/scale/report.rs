//! What is printed: medians in tables, or every sample as JSON.

use anyhow::Result;
use serde_json::json;

use super::{
    Cell, Sample,
    carry::{Carried, Load},
    deed::Deed,
};
use crate::{
    machine,
    process::Cores,
    sample::DISTURBED,
    settings::Scale as Settings,
    statistics::median,
    table::{ABSENT, cell as numbers, markdown},
};

/// Up to so many times what the emptiest ledger takes is called flat: less can't be told from noise.
const FLAT: f64 = 1.25;
/// Sessions that Browser Run starts in a second, on the paid plan: <https://developers.cloudflare.com/browser-run/limits/>
const STARTS_PER_SECOND: f64 = 3.0;

pub(super) fn print(
    settings: &Settings, samples: &[Sample], carried: &[Carried], others: &[f64], cores: &Cores,
) -> Result<()> {
    let machine = machine::in_words(cores);
    if settings.json {
        let report = json!({ "machine": machine, "samples": samples, "carried": carried, "others": others });
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(());
    }
    let cells = cells(settings);
    println!("{machine}.\n\nMilliseconds, and calls to Browser Run in parentheses:\n\n{}", absolute(&cells, samples));
    println!("As parts of what the fewest ended sessions take (for pages: that fill one), in the same turn:\n");
    println!("{}\n{}\n", relative(&cells, samples), flatness(&cells, samples));
    println!("64 requests at once, the Worker and its ledger together on one core:\n\n{}", saturation(carried));
    println!("{}\n\n{}", capacity(carried), disturbance(others));
    Ok(())
}

fn cells(settings: &Settings) -> Vec<Cell> {
    let rows = settings.rows.iter();
    rows.flat_map(|rows| settings.foreign.iter().map(|foreign| Cell { rows: *rows, foreign: *foreign })).collect()
}

fn of(samples: &[Sample], cell: Cell, deed: Deed) -> impl Iterator<Item = &Sample> {
    samples.iter().filter(move |sample| sample.cell == cell && sample.deed == deed)
}

fn table(cells: &[Cell], value: impl Fn(Cell, Deed) -> String) -> String {
    let heading: Vec<_> = ["ended", "foreign"].into_iter().chain(Deed::ALL.map(Deed::title)).collect();
    let row = |cell: &Cell| {
        let names = [cell.rows.to_string(), cell.foreign.to_string()];
        names.into_iter().chain(Deed::ALL.map(|deed| value(*cell, deed))).collect()
    };
    markdown(&heading, &cells.iter().map(row).collect::<Vec<_>>())
}

fn absolute(cells: &[Cell], samples: &[Sample]) -> String {
    table(cells, |cell, deed| {
        let ms = median(of(samples, cell, deed).map(|sample| sample.ms));
        format!("{} ({})", numbers([ms]), calls(samples, cell, deed))
    })
}

/// As many as there are, or from the least to the most.
fn calls(samples: &[Sample], cell: Cell, deed: Deed) -> String {
    let calls = || of(samples, cell, deed).map(|sample| sample.calls);
    match (calls().min(), calls().max()) {
        (Some(least), Some(most)) if least != most => format!("{least}–{most}"),
        (least, _) => least.unwrap_or_default().to_string(),
    }
}

fn relative(cells: &[Cell], samples: &[Sample]) -> String {
    table(cells, |cell, deed| numbers([ratio(cells, samples, cell, deed)]))
}

/// To the cell with the fewest ended sessions that is asked for as much: the median of what turns say one by one, since what
/// disturbs one cell in a turn is likely to disturb the others in it.
fn ratio(cells: &[Cell], samples: &[Sample], cell: Cell, deed: Deed) -> f64 {
    let alike = cells.iter().filter(|other| other.foreign == cell.foreign && deed.is_full(other.rows));
    let Some(base) = alike.min_by_key(|other| other.rows).filter(|_| deed.is_full(cell.rows)) else {
        return f64::NAN;
    };
    let ratios = of(samples, cell, deed).filter_map(|sample| {
        let same_turn = |other: &&Sample| (other.round, other.turn) == (sample.round, sample.turn);
        Some(sample.ms / of(samples, *base, deed).find(same_turn)?.ms)
    });
    median(ratios)
}

/// What is not flat, one by one.
fn flatness(cells: &[Cell], samples: &[Sample]) -> String {
    let pairs = cells.iter().flat_map(|cell| Deed::ALL.map(|deed| (*cell, deed)));
    let steep = pairs.filter_map(|(cell, deed)| {
        let ratio = ratio(cells, samples, cell, deed);
        let told = || format!("{} with {} ended, {} foreign: {ratio:.2}", deed.title(), cell.rows, cell.foreign);
        (ratio > FLAT).then(told)
    });
    let steep: Vec<_> = steep.collect();
    match steep.as_slice() {
        [] => format!("Flat: nothing takes more than {FLAT} times as long for its ledger's history."),
        steep => format!("**Not flat** (above {FLAT}): {}.", steep.join("; ")),
    }
}

fn median_of(carried: &[Carried], load: Load, value: fn(&Carried) -> f64) -> f64 {
    median(carried.iter().filter(|carried| carried.load == load).map(value))
}

#[expect(clippy::cast_precision_loss, reason = "a request asks the ledger a few times")]
fn saturation(carried: &[Carried]) -> String {
    let row = |load: Load| {
        let per_second = median_of(carried, load, |carried| carried.requests_per_second);
        let cpu_ms = median_of(carried, load, |carried| carried.cpu_ms);
        let commands = load.commands();
        vec![
            load.title().to_owned(),
            commands.to_string(),
            numbers([per_second]),
            if commands == 0 { ABSENT.to_owned() } else { numbers([per_second * commands as f64]) },
            numbers([cpu_ms]),
        ]
    };
    let heading = ["request", "questions to the ledger", "requests/s", "questions/s", "CPU ms a request"];
    markdown(&heading, &Load::ALL.map(row))
}

/// The ledger's bounds, from what it costs together with the Worker's half.
fn capacity(carried: &[Carried]) -> String {
    let cpu_ms = |load| median_of(carried, load, |carried| carried.cpu_ms);
    let clicks = median_of(carried, Load::New, |carried| carried.requests_per_second);
    let question_ms = cpu_ms(Load::Refused) - cpu_ms(Load::Nothing);
    format!(
        "One core that does the Worker's half as well opens {clicks:.0} sessions a second, {:.0} times as many as Browser Run \
         starts; its processor time alone would do for {:.0}. A question to the ledger costs {question_ms:.2} ms at both ends \
         together: what a refused click costs more than a path that is not there.",
        clicks / STARTS_PER_SECOND,
        1_000.0 / cpu_ms(Load::New),
    )
}

fn disturbance(others: &[f64]) -> String {
    let most = others.iter().copied().fold(0.0, f64::max) * 100.0;
    let disturbed = others.iter().filter(|share| **share > DISTURBED).count();
    match disturbed {
        0 => format!("Other programs had {most:.0} % of the machine at most."),
        _ => format!(
            "**Disturbed**: during {disturbed} of {} measurements other programs had more than {:.0} % of the machine, up to \
             {most:.0} %: only the parts and the calls are good for anything.",
            others.len(),
            DISTURBED * 100.0,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: [Cell; 2] = [Cell { rows: 0, foreign: 7 }, Cell { rows: 1_000, foreign: 7 }];

    /// Turns of both cells: the second takes `factor` times as long.
    fn samples(factor: f64) -> Vec<Sample> {
        let sample = |cell, turn, ms| Sample { cell, deed: Deed::Click, round: 1, turn, ms, calls: 3 };
        let turns = [(0, 1.0), (1, 50.0), (2, 2.0)];
        turns
            .into_iter()
            .flat_map(|(turn, ms)| [sample(CELLS[0], turn, ms), sample(CELLS[1], turn, ms * factor)])
            .collect()
    }

    #[test]
    fn a_ratio_is_of_the_same_turn() {
        assert_eq!(ratio(&CELLS, &samples(1.1), CELLS[1], Deed::Click), 1.1);
        assert_eq!(ratio(&CELLS, &samples(1.1), CELLS[0], Deed::Click), 1.0);
        assert!(ratio(&CELLS, &samples(1.1), CELLS[1], Deed::CleanUp).is_nan());
    }

    #[test]
    fn a_page_is_compared_with_full_ones_alone() {
        let pages = samples(2.0).into_iter().map(|sample| Sample { deed: Deed::FirstPage, ..sample });
        let pages: Vec<_> = pages.collect();
        assert!(ratio(&CELLS, &pages, CELLS[0], Deed::FirstPage).is_nan());
        assert_eq!(ratio(&CELLS, &pages, CELLS[1], Deed::FirstPage), 1.0);
    }

    #[test]
    fn what_is_not_flat_is_named() {
        assert!(flatness(&CELLS, &samples(1.2)).starts_with("Flat"));
        let told = flatness(&CELLS, &samples(1.5));
        assert!(told.contains("**Not flat**") && told.contains("click with 1000 ended, 7 foreign: 1.50"), "{told}");
    }

    #[test]
    fn a_cell_shows_milliseconds_and_calls() {
        let mut samples = samples(1.0);
        let table = absolute(&CELLS, &samples);
        assert!(table.contains("| 0 | 7 | 2.00 (3) | – (0) |"), "{table}");
        samples[0].calls = 2;
        assert!(absolute(&CELLS, &samples).contains("2.00 (2–3)"));
    }

    #[test]
    fn a_ledgers_capacity_is_told_against_what_browser_run_starts() {
        let carried = |load, requests_per_second, cpu_ms| Carried { load, requests_per_second, cpu_ms, others: 0.0 };
        let carried = [
            carried(Load::Nothing, 4_000.0, 0.25),
            carried(Load::Refused, 2_000.0, 0.75),
            carried(Load::New, 300.0, 3.0),
        ];
        let told = capacity(&carried);
        assert!(
            told.contains("300 sessions a second, 100 times")
                && told.contains("do for 333")
                && told.contains("costs 0.50 ms"),
            "{told}"
        );
        assert!(saturation(&carried).contains("| a click that opens a session | 3 | 300 | 900 | 3.00 |"));
    }

    #[test]
    fn a_disturbed_measurement_is_marked() {
        assert_eq!(disturbance(&[0.01, 0.02]), "Other programs had 2 % of the machine at most.");
        assert!(disturbance(&[0.01, 0.3]).starts_with("**Disturbed**: during 1 of 2"));
    }
}
