//! Counters in Prometheus' text format 0.0.4: <https://prometheus.io/docs/instrumenting/exposition_formats/>. Units are base
//! units, and no label has values without bound.

use super::{BOUNDS_MS, Counts, FAILURES, OUTCOMES, STEPS, UNBOUNDED, took};

/// What is measured when it is asked for.
#[derive(Debug, Default)]
pub(in crate::ledger) struct Gauges {
    pub(in crate::ledger) open: usize,
    pub(in crate::ledger) closing: usize,
    /// As `MAX_BROWSER_MINUTES_PER_DAY` counts it.
    pub(in crate::ledger) browser_ms_today: u64,
    pub(in crate::ledger) last_clean_up_ms: Option<u64>,
}

/// All of it.
pub(in crate::ledger) fn text(counts: &Counts, gauges: &Gauges) -> String {
    let mut page = Page::default();
    page.clicks(counts);
    page.upstream(counts);
    page.sessions(counts, gauges);
    page.clean_ups(counts, gauges);
    page.0
}

/// A text that grows by lines.
#[derive(Default)]
struct Page(String);

impl Page {
    fn clicks(&mut self, counts: &Counts) {
        let about = "Clicks that came as far as the ledger, by what became of them. All counters outlive restarts; what was \
                     counted in the last seconds before a crash is lost.";
        self.family("clicks_total", "counter", about);
        for outcome in OUTCOMES {
            let count = counts.get(&format!("clicks {outcome}"));
            self.count("clicks_total", &format!("outcome=\"{outcome}\""), count);
        }
    }

    fn upstream(&mut self, counts: &Counts) {
        let about = "What calls of Browser Run took, whether they failed or not. Those that no command to the ledger follows \
                     are in the log alone.";
        self.family("upstream_duration_seconds", "histogram", about);
        for step in STEPS {
            self.histogram(counts, step);
        }
        self.family("upstream_failures_total", "counter", "Calls of Browser Run that failed, by how.");
        for step in STEPS {
            for kind in FAILURES {
                let failures = counts.get(&format!("failures {step} {kind}"));
                if failures > 0 {
                    self.count("upstream_failures_total", &format!("step=\"{step}\",kind=\"{kind}\""), failures);
                }
            }
        }
    }

    /// What calls of a step took, if there were any.
    fn histogram(&mut self, counts: &Counts, step: &str) {
        let all: u64 = BOUNDS_MS.iter().map(|bound_ms| counts.get(&took(step, *bound_ms))).sum();
        if all == 0 {
            return;
        }
        let mut total = 0;
        for bound_ms in BOUNDS_MS {
            total += counts.get(&took(step, bound_ms));
            let bound = if bound_ms == UNBOUNDED { "+Inf".to_owned() } else { seconds(bound_ms) };
            self.count("upstream_duration_seconds_bucket", &format!("step=\"{step}\",le=\"{bound}\""), total);
        }
        let (labels, total_ms) = (format!("step=\"{step}\""), counts.get(&format!("total_ms {step}")));
        self.sample("upstream_duration_seconds_sum", &labels, &seconds(total_ms));
        self.count("upstream_duration_seconds_count", &labels, all);
    }

    fn sessions(&mut self, counts: &Counts, gauges: &Gauges) {
        self.family("sessions", "gauge", "Sessions of ours that have not ended; closing: they are to be closed.");
        self.count("sessions", "state=\"open\"", gauges.open as u64);
        self.count("sessions", "state=\"closing\"", gauges.closing as u64);
        self.family("browser_seconds_total", "counter", "How long browsers ran whose session has ended.");
        self.sample("browser_seconds_total", "", &seconds(counts.get("browser_ms")));
        let about = "How long browsers have run on this UTC day, those that run included, as MAX_BROWSER_MINUTES_PER_DAY \
                     counts it.";
        self.family("browser_seconds_today", "gauge", about);
        self.sample("browser_seconds_today", "", &seconds(gauges.browser_ms_today));
    }

    fn clean_ups(&mut self, counts: &Counts, gauges: &Gauges) {
        self.family("clean_ups_total", "counter", "Clean-ups that came to their end; dry runs are none.");
        self.count("clean_ups_total", "", counts.get("clean_ups"));
        let about = "Sessions that clean-ups closed, or failed to, which counts each time.";
        self.family("clean_up_sessions_total", "counter", about);
        self.count("clean_up_sessions_total", "result=\"closed\"", counts.get("closed"));
        self.count("clean_up_sessions_total", "result=\"failed\"", counts.get("failed"));
        if let Some(at_ms) = gauges.last_clean_up_ms {
            self.family("last_clean_up_timestamp_seconds", "gauge", "When the last clean-up began.");
            self.sample("last_clean_up_timestamp_seconds", "", &seconds(at_ms));
        }
    }

    fn family(&mut self, name: &str, kind: &str, about: &str) {
        for part in ["# HELP devtools_link_", name, " ", about, "\n# TYPE devtools_link_", name, " ", kind, "\n"] {
            self.0.push_str(part);
        }
    }

    fn count(&mut self, name: &str, labels: &str, count: u64) {
        self.sample(name, labels, &count.to_string());
    }

    fn sample(&mut self, name: &str, labels: &str, value: &str) {
        let (open, close) = if labels.is_empty() { ("", "") } else { ("{", "}") };
        for part in ["devtools_link_", name, open, labels, close, " ", value, "\n"] {
            self.0.push_str(part);
        }
    }
}

/// Milliseconds in seconds, without a floating point.
fn seconds(ms: u64) -> String {
    let (seconds, rest) = (ms / 1_000, ms % 1_000);
    format!("{seconds}.{rest:03}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Metrics;
    use super::*;
    use crate::domain::UpstreamCall;
    use prometheus_parse::{Sample, Scrape, Value};
    use std::collections::BTreeSet;

    fn scraped(text: &str) -> Scrape {
        Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap()
    }

    fn sample<'a>(scrape: &'a Scrape, name: &str, labels: &[(&str, &str)]) -> &'a Sample {
        let fits = |sample: &&Sample| {
            sample.metric == format!("devtools_link_{name}")
                && labels.iter().all(|(name, value)| sample.labels.get(name) == Some(value))
        };
        scrape.samples.iter().find(fits).unwrap_or_else(|| panic!("no {name} {labels:?}"))
    }

    fn counted() -> Metrics {
        let mut metrics = Metrics::default();
        metrics.click("reused");
        let call = |ms, failure: Option<&str>| UpstreamCall {
            step: "acquire".to_owned(),
            ms,
            failure: failure.map(str::to_owned),
        };
        metrics.calls(&[call(640, None), call(2_500, None), call(30_000, Some("timed_out")), call(31_001, None)]);
        metrics.ended(90_061);
        metrics
    }

    #[test]
    fn counters_and_gauges_are_read_by_prometheus() {
        let gauges = Gauges { open: 2, closing: 1, browser_ms_today: 7, last_clean_up_ms: Some(1_795_376_034_272) };
        let scrape = scraped(&text(counted().counts(), &gauges));
        for (name, labels, value) in [
            ("clicks_total", &[("outcome", "reused")][..], Value::Counter(1.0)),
            ("clicks_total", &[("outcome", "acquired")], Value::Counter(0.0)),
            ("upstream_failures_total", &[("step", "acquire"), ("kind", "timed_out")], Value::Counter(1.0)),
            ("sessions", &[("state", "open")], Value::Gauge(2.0)),
            ("sessions", &[("state", "closing")], Value::Gauge(1.0)),
            ("browser_seconds_total", &[], Value::Counter(90.061)),
            ("browser_seconds_today", &[], Value::Gauge(0.007)),
            ("clean_ups_total", &[], Value::Counter(0.0)),
            ("last_clean_up_timestamp_seconds", &[], Value::Gauge(1_795_376_034.272)),
        ] {
            assert_eq!(sample(&scrape, name, labels).value, value, "{name}");
        }
    }

    #[test]
    fn a_histogram_counts_what_took_no_longer_than_each_bound() {
        let scrape = scraped(&text(counted().counts(), &Gauges::default()));
        let Value::Histogram(buckets) = &sample(&scrape, "upstream_duration_seconds", &[("step", "acquire")]).value
        else {
            panic!("it is no histogram")
        };
        let buckets: Vec<_> = buckets.iter().map(|bucket| (bucket.less_than, bucket.count)).collect();
        let most = [(0.5, 0.0), (1.0, 1.0), (2.5, 2.0), (5.0, 2.0), (10.0, 2.0), (30.0, 3.0), (f64::INFINITY, 4.0)];
        assert_eq!(buckets[2..], most);
        let value = |name| sample(&scrape, name, &[("step", "acquire")]).value.clone();
        assert_eq!(value("upstream_duration_seconds_sum"), Value::Untyped(64.141));
        assert_eq!(value("upstream_duration_seconds_count"), Value::Untyped(4.0));
    }

    /// <https://prometheus.io/docs/practices/naming/>
    #[test]
    fn names_are_as_prometheus_wants_them() {
        let text = text(counted().counts(), &Gauges::default());
        let types: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
        for (name, kind) in &types {
            assert_eq!(name.ends_with("_total"), *kind == "counter", "{name}");
            assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        }
        assert_eq!(types.iter().collect::<BTreeSet<_>>().len(), types.len(), "each family once");
        assert!(text.ends_with('\n') && !text.contains("\n\n"));
    }

    #[test]
    fn seconds_are_written_without_a_floating_point() {
        let written = [0, 1, 100, 250, 1_000, 10_000, 61_010].map(seconds);
        assert_eq!(written, ["0", "0.001", "0.1", "0.25", "1", "10", "61.01"]);
    }
}
