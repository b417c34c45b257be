//! `cargo xtask bench profile`: where one row's processor time goes, by V8's own profiler, under load.

use std::{collections::HashMap, fs, time::Duration};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    cdp::Cdp,
    http::Connection,
    load::{Clicks, Load},
    process::Cores,
    settings::Profile as Settings,
    stand_in,
    table::markdown,
    workerd::Workerd,
};

/// Between two samples.
const INTERVAL_US: u32 = 100;
/// How many functions are listed.
const LISTED: usize = 60;

/// A profile: <https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    nodes: Vec<Node>,
    /// A node each.
    samples: Vec<u64>,
    /// Microseconds before each sample.
    time_deltas: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: u64,
    call_frame: CallFrame,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallFrame {
    function_name: String,
    url: String,
    line_number: i64,
}

pub(crate) async fn run(settings: &Settings, cores: &Cores) -> Result<()> {
    let stand_in = stand_in::start(None).await?;
    let worker = settings.row.worker(&settings.place, stand_in).context("there is no Worker in this row")?;
    let mut workerd = Workerd::start(&settings.place, &worker, cores, true)?;
    let clicks = Clicks::new(settings.row, workerd.address);
    let mut connection = workerd.connect().await?;
    clicks.click(&mut connection).await?;
    let mut inspector = inspect(&workerd).await?;
    let load = |warm_up_ms, measured_ms| Load {
        connections: settings.connections,
        warm_up: Duration::from_millis(warm_up_ms),
        measured: Duration::from_millis(measured_ms),
    };
    clicks.run(&load(0, settings.warm_up_ms), None).await?;
    inspector.call("Profiler.enable", json!({})).await?;
    inspector.call("Profiler.setSamplingInterval", json!({ "interval": INTERVAL_US })).await?;
    inspector.call("Profiler.start", json!({})).await?;
    let measured = clicks.run(&load(0, settings.measured_ms), Some(workerd.pid())).await?;
    let mut answer = inspector.call("Profiler.stop", json!({})).await?;
    let (profile, count) = (answer["profile"].take(), measured.latencies_ms.len());
    fs::write(&settings.file, profile.to_string())
        .with_context(|| format!("cannot write {}", settings.file.display()))?;
    println!("{}", summary(profile, count)?);
    let cpu_ms = measured.usage.process_ms;
    println!("{count} clicks, workerd's processor time {cpu_ms:.0} ms; the whole: {}", settings.file.display());
    Ok(())
}

/// A connection to the isolate's inspector.
async fn inspect(workerd: &Workerd) -> Result<Cdp> {
    let list = Connection::open(workerd.inspector).await?.send("GET", "/json", &[]).await?;
    let list: Value = serde_json::from_slice(&list.body).context("workerd's list of what can be inspected")?;
    let url = list[0]["webSocketDebuggerUrl"].as_str().context("nothing can be inspected")?;
    Cdp::connect(url, None).await
}

/// A table of the functions that were running most.
#[expect(clippy::cast_precision_loss, reason = "clicks are few")]
fn summary(profile: Value, clicks: usize) -> Result<String> {
    let profile: Profile = serde_json::from_value(profile).context("a profile of another form")?;
    let times = self_times(&profile);
    let total: f64 = times.iter().map(|(_, time)| time).sum();
    let rows = times.iter().take(LISTED).map(|(name, time)| {
        vec![format!("{:.1}", time / total * 100.0), format!("{:.1}", time / clicks as f64), name.clone()]
    });
    Ok(markdown(&["%", "µs a click", "function"], &rows.collect::<Vec<_>>()))
}

/// Each function's own time in microseconds, most first.
fn self_times(profile: &Profile) -> Vec<(String, f64)> {
    let names: HashMap<_, _> = profile.nodes.iter().map(|node| (node.id, node.call_frame.name())).collect();
    let mut times: HashMap<&str, f64> = HashMap::new();
    for (sample, delta) in profile.samples.iter().zip(&profile.time_deltas) {
        if let Some(name) = names.get(sample) {
            *times.entry(name).or_default() += delta;
        }
    }
    let mut times: Vec<_> = times.into_iter().map(|(name, time)| (name.to_owned(), time)).collect();
    times.sort_by(|(one, ones), (other, others)| others.total_cmp(ones).then_with(|| one.cmp(other)));
    times
}

impl CallFrame {
    /// Its name, with where it is where that tells it from others; V8's own are in parentheses, such as `(idle)`.
    fn name(&self) -> String {
        let name = if self.function_name.is_empty() { "(anonymous)" } else { &self.function_name };
        let file = self.url.rsplit('/').next().unwrap_or_default();
        match file {
            "" => name.to_owned(),
            file if self.url.starts_with("wasm:") => format!("{name} (wasm {file})"),
            file => format!("{name} ({file}:{})", self.line_number + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_functions_own_time_is_that_of_all_its_samples() {
        let frame = |name: &str, url: &str| json!({ "functionName": name, "url": url, "lineNumber": 6 });
        let profile: Profile = serde_json::from_value(json!({
            "nodes": [
                { "id": 1, "callFrame": frame("a", "file:///index.js") },
                { "id": 2, "callFrame": frame("", "") },
                { "id": 3, "callFrame": frame("a", "file:///index.js") },
            ],
            "samples": [1, 2, 3, 3],
            "timeDeltas": [100, 50, 100, 100],
        }))
        .unwrap();
        let expected = [("a (index.js:7)".to_owned(), 300.0), ("(anonymous)".to_owned(), 50.0)];
        assert_eq!(self_times(&profile), expected);
    }
}
