//! `cargo xtask bench local`: browser-run-local beside the port of the very Chromium that it runs.

mod program;
mod recording;

use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use crate::{
    cdp::Cdp,
    machine, process,
    process::Cores,
    settings::Local as Settings,
    statistics::{median, percentile, sorted},
    table::{ABSENT, cell, markdown},
};
use program::{Program, Session};
use recording::Recording;

/// What a long answer holds: characters of one byte each.
const LONG: usize = 50 * 1024 * 1024;

/// Chromium's own values, and ours.
type Pair = [Vec<f64>; 2];

/// Everything that is measured; times in milliseconds.
struct Report {
    /// None where only recording is measured.
    connections: Option<Connections>,
    recording: Recording,
}

/// What browser-run-local costs beside Chromium's own port.
struct Connections {
    page: Pair,
    browser: Pair,
    long: Pair,
    cold: Vec<f64>,
    warm: Vec<f64>,
    memory: Vec<(&'static str, f64)>,
}

pub(crate) async fn run(settings: &Settings, cores: &Cores) -> Result<()> {
    let connections = if settings.recording_only { None } else { Some(measure(settings).await?) };
    eprintln!("recording …");
    let recording = recording::measure(settings).await?;
    print(&Report { connections, recording }, cores, settings.json);
    Ok(())
}

async fn measure(settings: &Settings) -> Result<Connections> {
    eprintln!("acquisition, cold …");
    let cold_program = Program::start(settings, 0).await?;
    let cold = acquisitions(&cold_program, settings.starts).await?;
    let idle = process::memory_mib(cold_program.pid())?;
    eprintln!("round trips …");
    let session = cold_program.acquire().await?;
    let (page, browser) = round_trips(&session, settings).await?;
    let open = process::memory_mib(cold_program.pid())?;
    eprintln!("long answers …");
    let long = long_answers(&session, settings.long_answers).await?;
    let after_long = process::memory_mib(cold_program.pid())?;
    drop(cold_program);
    eprintln!("acquisition, warm …");
    let warm = acquisitions(&Program::start(settings, 1).await?, settings.starts).await?;
    let memory = vec![("no session", idle), ("one session", open), ("after long answers", after_long)];
    Ok(Connections { page, browser, long, cold, warm, memory })
}

/// How long it took each time until there was a session; each is closed again.
async fn acquisitions(program: &Program, count: usize) -> Result<Vec<f64>> {
    let mut took = Vec::new();
    for _ in 0..count {
        program.wait_until_warm().await?;
        let begun = Instant::now();
        let session = program.acquire().await?;
        took.push(milliseconds(begun));
        program.close(&session).await?;
    }
    Ok(took)
}

/// One command after another, to a page and to the browser, by turns over Chromium's port and ours.
async fn round_trips(session: &Session, settings: &Settings) -> Result<(Pair, Pair)> {
    let (mut pages, mut browsers) = (session.pages().await?, session.browsers().await?);
    let (mut page, mut browser) = (Pair::default(), Pair::default());
    for _ in 0..settings.blocks {
        for side in 0..2 {
            let evaluate = ("Runtime.evaluate", json!({ "expression": "1" }));
            page[side].extend(block(&mut pages[side], &evaluate, settings.block).await?);
            let version = ("Browser.getVersion", json!({}));
            browser[side].extend(block(&mut browsers[side], &version, settings.block).await?);
        }
    }
    Ok((page, browser))
}

async fn block(connection: &mut Cdp, (method, parameters): &(&str, Value), count: usize) -> Result<Vec<f64>> {
    let mut took = Vec::with_capacity(count);
    // What comes first after the other side's turn finds cold caches.
    for number in 0..count + count / 10 {
        let begun = Instant::now();
        connection.call_for_text(method, parameters.clone()).await?;
        if number >= count / 10 {
            took.push(milliseconds(begun));
        }
    }
    Ok(took)
}

async fn long_answers(session: &Session, count: usize) -> Result<Pair> {
    let mut pages = session.pages().await?;
    let mut took = Pair::default();
    for _ in 0..count {
        for side in 0..2 {
            let expression = json!({ "expression": format!("'x'.repeat({LONG})"), "returnByValue": true });
            let begun = Instant::now();
            let answer = pages[side].call_for_text("Runtime.evaluate", expression).await?;
            took[side].push(milliseconds(begun));
            anyhow::ensure!(answer.len() > LONG, "an answer of {} bytes came for {LONG}", answer.len());
        }
    }
    Ok(took)
}

fn print(report: &Report, cores: &Cores, as_json: bool) {
    let machine = machine::in_words(cores);
    if as_json {
        let connections = report.connections.as_ref().map(connections_as_json);
        let recording = recording::as_json(&report.recording);
        println!("{}", json!({ "machine": machine, "connections": connections, "recording": recording }));
        return;
    }
    println!("{machine}.");
    if let Some(connections) = &report.connections {
        let heads = ["", "Chromium's own port", "browser-run-local", "ratio"];
        println!("\n{}", markdown(&heads, &rows(connections)));
    }
    let recorded = recorded_rows(&report.recording);
    println!("\n{}", markdown(&["", "not recorded", "recorded", "ratio"], &recorded));
}

fn connections_as_json(Connections { page, browser, long, cold, warm, memory }: &Connections) -> Value {
    json!({
        "page_ms": page, "browser_ms": browser, "long_answer_ms": long, "cold_ms": cold, "warm_ms": warm, "memory_mib": memory,
    })
}

fn rows(report: &Connections) -> Vec<Vec<String>> {
    let microseconds = |percent: f64| move |took: &[f64]| percentile(&sorted(took.iter().copied()), percent) * 1_000.0;
    let middle = |took: &[f64]| median(took.iter().copied());
    let alone = |name: &str, value: f64| vec![name.to_owned(), ABSENT.to_owned(), cell([value]), ABSENT.to_owned()];
    let mut rows = vec![
        compared("`Runtime.evaluate` on a page, p50 µs", &report.page, microseconds(50.0)),
        compared("… p99 µs", &report.page, microseconds(99.0)),
        compared("`Browser.getVersion`, p50 µs", &report.browser, microseconds(50.0)),
        compared("… p99 µs", &report.browser, microseconds(99.0)),
        compared("an answer of 50 MB, ms", &report.long, middle),
        alone("acquisition, cold, ms", middle(&report.cold)),
        alone("acquisition, warm, ms", middle(&report.warm)),
    ];
    rows.extend(report.memory.iter().map(|(when, mib)| alone(&format!("memory, {when}, MiB"), *mib)));
    rows
}

/// What recording costs.
fn recorded_rows(Recording { load, painted, far, round_trip, change }: &Recording) -> Vec<Vec<String>> {
    let middle = |took: &[f64]| median(took.iter().copied());
    let microseconds = |took: &[f64]| middle(took) * 1_000.0;
    vec![
        compared("a page's load, ms", load, middle),
        compared("… until its picture, ms", painted, middle),
        compared("… from a site that answers 20 ms later, ms", far, middle),
        compared("`Runtime.evaluate`, p50 µs", round_trip, microseconds),
        compared("… that changes the page, p50 µs", change, microseconds),
    ]
}

fn compared(name: &str, pair: &Pair, value: impl Fn(&[f64]) -> f64) -> Vec<String> {
    let [chromiums, ours] = [value(&pair[0]), value(&pair[1])];
    vec![name.to_owned(), cell([chromiums]), cell([ours]), cell([ours / chromiums])]
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_ours_to_chromiums() {
        let pair = [vec![0.1, 0.1, 0.4], vec![0.2, 0.2, 0.4]];
        let report = Connections {
            page: pair.clone(),
            browser: pair.clone(),
            long: pair,
            cold: vec![500.0],
            warm: vec![5.0],
            memory: vec![("no session", 8.0)],
        };
        let rows = rows(&report);
        assert_eq!(rows[0][1..], ["100", "200", "2.00"]);
        assert_eq!(rows[1][1..], ["400", "400", "1.00"]);
        assert_eq!(rows.last().unwrap()[..], ["memory, no session, MiB", "–", "8.00", "–"]);
    }
}
