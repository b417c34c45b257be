//! What is printed: medians in tables, or every sample as JSON.

use anyhow::Result;
use serde_json::json;

use crate::{
    machine,
    process::Cores,
    row::Row,
    sample::{CONNECTIONS, DISTURBED, Sample},
    settings::Clicks as Settings,
    statistics::{median, spread},
    table::{cell, markdown},
};

/// The columns, in the table's order.
const HEADING: [&str; 8] = [
    "",
    "clicks/s at 1 / 16 / 64",
    "CPU ms a click",
    "p50 ms, 20 ms upstream",
    "p99 ms, 20 ms upstream",
    "memory MiB",
    "first answer ms",
    "KiB gzipped",
];

/// A row's medians: as many values a column as there are loads in it.
struct Summary {
    row: Row,
    columns: Vec<Vec<f64>>,
}

pub(crate) fn print(settings: &Settings, samples: &[Sample], sizes: &[Option<usize>], cores: &Cores) -> Result<()> {
    let machine = machine::in_words(cores);
    if settings.json {
        let bytes: Vec<_> = settings.rows.iter().zip(sizes).map(|(row, bytes)| json!([row, bytes])).collect();
        let report = json!({ "machine": machine, "gzipped_bytes": bytes, "samples": samples });
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(());
    }
    let rows = settings.rows.iter().zip(sizes);
    let summaries: Vec<_> = rows.map(|(row, bytes)| summary(*row, *bytes, samples)).collect();
    let shared = if cores.are_separate() {
        "workerd on one core, load and stand-in on another"
    } else {
        "workerd, load and stand-in wherever the system puts them"
    };
    println!("{machine}; {shared}.\n\n{}", absolute(&summaries));
    for base in [Row::Plain, Row::Ledgered] {
        if let Some(base) = summaries.iter().find(|summary| summary.row == base) {
            println!("As parts of {}'s:\n\n{}", base.row.title(), relative(&summaries, base));
        }
    }
    println!("{} {}", noise(settings, samples), disturbance(samples));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a Worker has megabytes at most")]
fn summary(row: Row, bytes: Option<usize>, samples: &[Sample]) -> Summary {
    let own: Vec<_> = samples.iter().filter(|sample| sample.cell.row == row).collect();
    let at = |upstream_ms: u64, connections: usize, value: fn(&Sample) -> f64| {
        let of_cell =
            |sample: &&&Sample| sample.cell.upstream_ms == upstream_ms && sample.cell.connections == connections;
        median(own.iter().filter(of_cell).map(|sample| value(sample)))
    };
    let all = |upstream_ms: u64, value: fn(&Sample) -> f64| {
        CONNECTIONS.into_iter().map(|connections| at(upstream_ms, connections, value)).collect()
    };
    let columns = vec![
        all(0, |sample| sample.clicks_per_second),
        all(0, |sample| sample.cpu_ms_per_click),
        all(20, |sample| sample.p50_ms),
        all(20, |sample| sample.p99_ms),
        vec![at(0, CONNECTIONS[2], |sample| sample.memory_mib)],
        // The upstream's own time is in the others.
        vec![median(own.iter().filter(|sample| sample.cell.upstream_ms == 0).map(|sample| sample.first_answer_ms))],
        vec![bytes.map_or(f64::NAN, |bytes| bytes as f64 / 1_024.0)],
    ];
    Summary { row, columns }
}

fn absolute(summaries: &[Summary]) -> String {
    let row = |summary: &Summary| {
        let cells = summary.columns.iter().map(|values| cell(values.iter().copied()));
        std::iter::once(summary.row.title().to_owned()).chain(cells).collect()
    };
    markdown(&HEADING, &summaries.iter().map(row).collect::<Vec<_>>())
}

fn relative(summaries: &[Summary], base: &Summary) -> String {
    let row = |summary: &Summary| {
        let pairs = summary.columns.iter().zip(&base.columns);
        let cells = pairs.map(|(own, base)| cell(own.iter().zip(base).map(|(own, base)| own / base)));
        std::iter::once(summary.row.title().to_owned()).chain(cells).collect()
    };
    markdown(&HEADING, &summaries.iter().map(row).collect::<Vec<_>>())
}

/// How far to trust the numbers.
fn noise(settings: &Settings, samples: &[Sample]) -> String {
    if settings.rounds == 1 {
        return "One short round: good for a glance, not for a record.".to_owned();
    }
    let spreads = settings.rows.iter().flat_map(|row| {
        CONNECTIONS.map(|connections| {
            let of_cell = |sample: &&Sample| {
                sample.cell.row == *row && sample.cell.upstream_ms == 0 && sample.cell.connections == connections
            };
            spread(samples.iter().filter(of_cell).map(|sample| sample.clicks_per_second))
        })
    });
    let spreads: Vec<_> = spreads.collect();
    let most = spreads.iter().copied().fold(0.0, f64::max);
    format!(
        "Medians of {} interleaved rounds; between rounds clicks/s differed by {:.0} % in the median, by {:.0} % at most.",
        settings.rounds,
        median(spreads) * 100.0,
        most * 100.0,
    )
}

/// Whether anything else ran meanwhile.
fn disturbance(samples: &[Sample]) -> String {
    let most = samples.iter().map(|sample| sample.others).fold(0.0, f64::max) * 100.0;
    let disturbed = samples.iter().filter(|sample| sample.others > DISTURBED).count();
    match disturbed {
        0 => format!("Other programs had {most:.0} % of the machine at most."),
        _ => format!(
            "**Disturbed**: during {disturbed} of {} measurements other programs had more than {:.0} % of the machine, up to \
             {most:.0} %.",
            samples.len(),
            DISTURBED * 100.0,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Cell;

    fn sample(row: Row, connections: usize, clicks_per_second: f64) -> Sample {
        Sample {
            cell: Cell { row, upstream_ms: 0, connections },
            clicks_per_second,
            p50_ms: 1.0,
            p99_ms: 1.0,
            cpu_ms_per_click: 1.0,
            memory_mib: 1.0,
            first_answer_ms: 1.0,
            others: 0.0,
        }
    }

    #[test]
    fn a_summary_is_the_median_of_its_rounds() {
        let samples = [10.0, 30.0, 20.0].map(|rate| sample(Row::Plain, 16, rate));
        let summary = summary(Row::Plain, Some(2_048), &samples);
        assert_eq!(summary.columns[0][1], 20.0);
        assert!(summary.columns[0][0].is_nan(), "nothing was measured at 1");
        assert_eq!(summary.columns[6], [2.0]);
    }

    #[test]
    fn a_disturbed_bench_says_so() {
        let quiet = sample(Row::Plain, 1, 1.0);
        assert!(disturbance(std::slice::from_ref(&quiet)).starts_with("Other programs had 0 %"));
        let told = disturbance(&[quiet.clone(), Sample { others: 0.4, ..quiet }]);
        assert!(told.contains("1 of 2") && told.contains("up to 40 %"), "{told}");
    }

    #[test]
    fn a_row_is_told_as_parts_of_another() {
        let samples = [sample(Row::Plain, 1, 200.0), sample(Row::Rpc, 1, 50.0)];
        let [plain, rpc] = [Row::Plain, Row::Rpc].map(|row| summary(row, None, &samples));
        let table = relative(&[rpc], &plain);
        assert!(table.contains("| rpc | 0.25 / – / – |"), "{table}");
    }
}
