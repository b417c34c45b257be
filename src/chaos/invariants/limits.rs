//! How much is opened: sessions and pages by caller, and the day's browser time.

use super::super::day::{Applied, Day};
use crate::domain::{AttributedClick, Ended, SessionId};
use crate::ledger::{AbandonClick, BeginClick, Decision, RecordEndings, RecordSession};
use std::collections::BTreeMap;

const MINUTE_MS: u64 = 60_000;

/// What is known at one time of what was opened, from the commands alone.
#[derive(Default)]
struct Known {
    /// Sessions that have not ended, by who uses them.
    open: BTreeMap<SessionId, String>,
    /// When each was recorded.
    recorded_ms: BTreeMap<SessionId, u64>,
    /// Pages opened, by when.
    pages: Vec<(String, u64)>,
    generation: usize,
}

pub(super) fn check(day: &Day) {
    let commands = day.commands.borrow();
    let mut carried_out: Vec<_> =
        commands.iter().filter_map(|command| Some((command.applied.as_ref()?, command))).collect();
    carried_out.sort_by_key(|(applied, _)| applied.order);
    let mut known = Known::default();
    for (applied, command) in carried_out {
        if known.generation != applied.generation {
            // Pages are counted in memory.
            (known.generation, known.pages) = (applied.generation, Vec::new());
        }
        if let Some(BeginClick(click)) = command.asked("BeginClick") {
            known.begin(day, &click, applied);
        } else if let Some(RecordSession { session_id, click, .. }) = command.asked("RecordSession") {
            known.recorded_ms.insert(session_id.clone(), applied.at_ms);
            known
                .open
                .insert(session_id, if click.signed_link_id.is_some() { String::new() } else { click.caller.name });
        } else if let Some(RecordEndings { ended, .. }) = command.asked("RecordEndings") {
            for Ended { session_id, .. } in ended {
                known.open.remove(&session_id);
            }
        } else if let Some(AbandonClick { gone: true, .. }) = command.asked("AbandonClick") {
            known.pages.clear();
        }
    }
}

impl Known {
    fn begin(&mut self, day: &Day, click: &AttributedClick, applied: &Applied) {
        let Ok(decision) = applied.read::<Decision>() else { return };
        let (policy, name) = (day.config.policy, &click.caller.name);
        let acquires = matches!(decision, Decision::Acquire { .. });
        if acquires && let Some(limit_ms) = policy.max_browser_ms_per_day {
            self.check_browser_time(day, limit_ms, applied);
        }
        if click.signed_link_id.is_some() || matches!(decision, Decision::Join { .. }) {
            return;
        }
        let open = self.open.values().filter(|caller| *caller == name).count();
        if acquires && open >= policy.max_sessions_per_caller {
            day.violation(format!("{name} may acquire another session, with {open} open"));
        }
        let now_ms = applied.wall_ms;
        let of_late = |at_ms: u64| at_ms <= now_ms && at_ms + MINUTE_MS > now_ms;
        let pages = self.pages.iter().filter(|(caller, at_ms)| caller == name && of_late(*at_ms)).count();
        if pages >= policy.max_opens_per_minute {
            day.violation(format!("{name} may open another page, after {pages} within a minute"));
        }
        self.pages.push((name.clone(), now_ms));
    }

    /// How long sessions have run since they were recorded is no more than the ledger knows of.
    fn check_browser_time(&self, day: &Day, limit_ms: u64, applied: &Applied) {
        if day.clock_set_ms.get() != 0 {
            return;
        }
        let account = day.account.borrow();
        let ran = self.recorded_ms.iter().filter_map(|(id, recorded_ms)| {
            let session = account.get(id.as_str()).filter(|session| !session.is_lied_about)?;
            let until_ms = session.ended.map_or(applied.at_ms, |(at_ms, _)| at_ms.min(applied.at_ms));
            Some(until_ms.saturating_sub(*recorded_ms))
        });
        let ran_ms: u64 = ran.sum();
        if ran_ms >= limit_ms {
            day.violation(format!("another session may be acquired after {ran_ms} ms of browser time"));
        }
    }
}
