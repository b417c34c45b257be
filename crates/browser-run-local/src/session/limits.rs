//! An account's limits, pure: how many browsers at once, how soon after each other, for how long a day.

use std::{collections::VecDeque, time::Duration};

use browser_run_api::DAY_MS;
use clap::{Args, ValueEnum};

use crate::clock::{Millis, millis, minutes, seconds};

/// What [`Limits::max_launches_per_second`] counts launches in.
const SECOND_MS: Millis = 1_000;

/// A plan's documented limits: <https://developers.cloudflare.com/browser-run/limits/>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Plan {
    /// 3 browsers at once, a new one every 20 s, 10 minutes a day.
    Free,
    /// 200 browsers at once, three new ones a second.
    Paid,
}

/// What an account may use. Each single limit comes before the plan's; without any there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Limits {
    /// Keep to a plan's limits; without it there are none.
    #[arg(long, env = "BROWSER_RUN_LOCAL_PLAN", value_enum)]
    pub plan: Option<Plan>,

    /// Browsers that may be open at once.
    #[arg(long, env = "BROWSER_RUN_LOCAL_MAX_SESSIONS", value_name = "NUMBER")]
    pub max_sessions: Option<usize>,

    /// Seconds from one launch to the next; fractions are allowed.
    #[arg(long = "launch-interval", env = "BROWSER_RUN_LOCAL_LAUNCH_INTERVAL", value_name = "SECONDS",
        value_parser = seconds)]
    pub launch_interval: Option<Duration>,

    /// Browsers that may be launched within a second.
    #[arg(long, env = "BROWSER_RUN_LOCAL_MAX_LAUNCHES_PER_SECOND", value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub max_launches_per_second: Option<u32>,

    /// Browser minutes a UTC day; fractions are allowed.
    #[arg(long = "daily-minutes", env = "BROWSER_RUN_LOCAL_DAILY_MINUTES", value_name = "MINUTES", value_parser = minutes)]
    pub daily_time: Option<Duration>,
}

impl Limits {
    /// The limits of a plan.
    #[must_use]
    pub fn of(plan: Plan) -> Self {
        Self { plan: Some(plan), ..Self::default() }
    }

    fn at_once(&self) -> Option<usize> {
        self.max_sessions.or_else(|| {
            Some(match self.plan? {
                Plan::Free => 3,
                Plan::Paid => 200,
            })
        })
    }

    fn interval_ms(&self) -> Millis {
        let of_plan = self.plan.filter(|plan| *plan == Plan::Free).map(|_| Duration::from_secs(20));
        millis(self.launch_interval.or(of_plan).unwrap_or_default())
    }

    /// How many may be launched within [`SECOND_MS`].
    fn per_second(&self) -> Option<usize> {
        let of_plan = self.plan.filter(|plan| *plan == Plan::Paid).map(|_| 3);
        self.max_launches_per_second.or(of_plan).map(|limit| limit.try_into().unwrap_or(usize::MAX))
    }

    fn daily_ms(&self) -> Option<Millis> {
        let of_plan = self.plan.filter(|plan| *plan == Plan::Free).map(|_| Duration::from_secs(600));
        self.daily_time.or(of_plan).map(millis)
    }
}

/// Why a browser is not launched, and in how many seconds it is worth asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OverLimit {
    /// Too many at once, or too soon.
    #[error("Rate limit exceeded")]
    Rate { retry_after_seconds: u64 },
    #[error("Browser time limit exceeded for today")]
    Day { retry_after_seconds: u64 },
}

impl OverLimit {
    pub(crate) fn retry_after_seconds(self) -> u64 {
        match self {
            Self::Rate { retry_after_seconds } | Self::Day { retry_after_seconds } => retry_after_seconds,
        }
    }
}

/// The open sessions, as far as limits are concerned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) count: usize,
    /// What they have used of today's time.
    pub(crate) used_today_ms: Millis,
    /// When the first of them expires if nothing happens until then.
    pub(crate) first_deadline_ms: Option<Millis>,
}

/// What an account may use, as of now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    /// Browsers at once, if there is a limit.
    pub(crate) at_once: Option<usize>,
    /// Whether there may be another browser.
    pub(crate) next: Result<(), OverLimit>,
}

/// What an account has used.
#[derive(Debug, Default)]
pub(crate) struct Account {
    limits: Limits,
    /// Browsers that are being launched.
    launching: usize,
    /// The last launch, and those within a second before it, oldest first.
    launches_ms: VecDeque<Millis>,
    /// What ended sessions have used.
    used: UsedTime,
}

/// Browser time of one day.
#[derive(Debug, Clone, Copy, Default)]
struct UsedTime {
    /// When the day starts.
    day_ms: Millis,
    used_ms: Millis,
}

impl Account {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Whether another browser may be launched now; then it is one that is being launched.
    pub(crate) fn launch(&mut self, open: Open, now_ms: Millis) -> Result<(), OverLimit> {
        self.allows(open, now_ms)?;
        self.launching += 1;
        self.launches_ms.retain(|launch_ms| now_ms < launch_ms.saturating_add(SECOND_MS));
        self.launches_ms.push_back(now_ms);
        Ok(())
    }

    /// What may be used now; nothing is used by asking.
    pub(crate) fn allowance(&self, open: Open, now_ms: Millis) -> Allowance {
        Allowance { at_once: self.limits.at_once(), next: self.allows(open, now_ms) }
    }

    /// Whether another browser could be launched now.
    fn allows(&self, open: Open, now_ms: Millis) -> Result<(), OverLimit> {
        let day_ms = day_start_ms(now_ms);
        let used_today_ms = open.used_today_ms + if self.used.day_ms == day_ms { self.used.used_ms } else { 0 };
        if self.limits.daily_ms().is_some_and(|limit| used_today_ms >= limit) {
            return Err(OverLimit::Day { retry_after_seconds: seconds_until(day_ms + DAY_MS, now_ms) });
        }
        if self.limits.at_once().is_some_and(|limit| open.count + self.launching >= limit) {
            let free_at_ms = open.first_deadline_ms.unwrap_or(now_ms);
            return Err(OverLimit::Rate { retry_after_seconds: seconds_until(free_at_ms, now_ms) });
        }
        let next_ms = self.next_launch_ms();
        if now_ms < next_ms {
            return Err(OverLimit::Rate { retry_after_seconds: seconds_until(next_ms, now_ms) });
        }
        Ok(())
    }

    /// When the launches before allow another one.
    fn next_launch_ms(&self) -> Millis {
        let after =
            |launch_ms: Option<&Millis>, pause_ms| launch_ms.map_or(0, |at_ms: &Millis| at_ms.saturating_add(pause_ms));
        let after_last = after(self.launches_ms.back(), self.limits.interval_ms());
        let counted = self.limits.per_second().map(|limit| self.launches_ms.iter().rev().nth(limit.saturating_sub(1)));
        after_last.max(after(counted.flatten(), SECOND_MS))
    }

    /// A browser that was being launched is open, or is not going to be.
    pub(crate) fn launched(&mut self) {
        self.launching -= 1;
    }

    /// A session has ended.
    pub(crate) fn spend(&mut self, started_at_ms: Millis, ended_at_ms: Millis) {
        let day_ms = day_start_ms(ended_at_ms);
        if self.used.day_ms != day_ms {
            self.used = UsedTime { day_ms, used_ms: 0 };
        }
        self.used.used_ms += time_today_ms(started_at_ms, ended_at_ms);
    }
}

/// The part of a session's time that belongs to `now_ms`'s day.
pub(crate) fn time_today_ms(started_at_ms: Millis, now_ms: Millis) -> Millis {
    now_ms.saturating_sub(started_at_ms.max(day_start_ms(now_ms)))
}

/// The start of a time's day.
fn day_start_ms(at_ms: Millis) -> Millis {
    at_ms - at_ms % DAY_MS
}

/// Whole seconds, at least one.
fn seconds_until(at_ms: Millis, now_ms: Millis) -> u64 {
    at_ms.saturating_sub(now_ms).div_ceil(1_000).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON_MS: Millis = 20_000 * DAY_MS + DAY_MS / 2;

    fn rate(retry_after_seconds: u64) -> Result<(), OverLimit> {
        Err(OverLimit::Rate { retry_after_seconds })
    }

    #[test]
    fn accounts_without_limits_may_launch_anything() {
        let mut account = Account::new(Limits::default());
        for _ in 0..1_000 {
            assert_eq!(
                account.launch(Open { count: 1_000, used_today_ms: DAY_MS, first_deadline_ms: None }, NOON_MS),
                Ok(())
            );
        }
    }

    #[test]
    fn the_free_plan_launches_every_20_seconds() {
        let mut account = Account::new(Limits::of(Plan::Free));
        assert_eq!(account.launch(Open::default(), NOON_MS), Ok(()));
        account.launched();
        assert_eq!(account.launch(Open::default(), NOON_MS + 1), rate(20));
        assert_eq!(account.launch(Open::default(), NOON_MS + 19_999), rate(1));
        assert_eq!(account.launch(Open::default(), NOON_MS + 20_000), Ok(()));
    }

    #[test]
    fn the_paid_plan_launches_three_browsers_a_second() {
        let mut account = Account::new(Limits::of(Plan::Paid));
        for at_ms in [0, 400, 700] {
            assert_eq!(account.launch(Open::default(), NOON_MS + at_ms), Ok(()));
        }
        assert_eq!(account.launch(Open::default(), NOON_MS + 999), rate(1));
        assert_eq!(account.launch(Open::default(), NOON_MS + 1_000), Ok(()), "the first was a second ago");
        assert_eq!(account.launch(Open::default(), NOON_MS + 1_399), rate(1));
        assert_eq!(account.launch(Open::default(), NOON_MS + 1_400), Ok(()));
    }

    #[test]
    fn the_paid_plan_has_200_at_once_and_those_being_launched_count() {
        let mut account = Account::new(Limits::of(Plan::Paid));
        let open = Open { count: 199, first_deadline_ms: Some(NOON_MS + 30_500), used_today_ms: 2 * DAY_MS };
        assert_eq!(account.launch(open, NOON_MS), Ok(()));
        assert_eq!(account.launch(open, NOON_MS + 1_000), rate(30));
        account.launched();
        assert_eq!(account.launch(open, NOON_MS + 1_000), Ok(()), "it could not be launched");
    }

    #[test]
    fn a_single_limit_comes_before_the_plans() {
        let limits = Limits { max_sessions: Some(1), launch_interval: Some(Duration::ZERO), ..Limits::of(Plan::Free) };
        let mut account = Account::new(limits);
        assert_eq!(account.launch(Open::default(), NOON_MS), Ok(()));
        assert_eq!(account.launch(Open::default(), NOON_MS), rate(1));
        let mut account = Account::new(Limits { max_launches_per_second: Some(1), ..Limits::of(Plan::Paid) });
        assert_eq!(account.launch(Open::default(), NOON_MS), Ok(()));
        assert_eq!(account.launch(Open::default(), NOON_MS + 999), rate(1));
        assert_eq!(account.launch(Open::default(), NOON_MS + 1_000), Ok(()));
    }

    #[test]
    fn a_days_time_is_used_up_by_open_and_ended_sessions_until_midnight() {
        let limits = Limits { daily_time: Some(Duration::from_secs(600)), ..Limits::default() };
        let mut account = Account::new(limits);
        account.spend(NOON_MS - 400_000, NOON_MS);
        let open = |used_today_ms| Open { used_today_ms, ..Open::default() };
        assert_eq!(account.launch(open(199_999), NOON_MS), Ok(()));
        let over = Err(OverLimit::Day { retry_after_seconds: 12 * 3_600 });
        assert_eq!(account.launch(open(200_000), NOON_MS), over);
        assert_eq!(account.launch(open(0), NOON_MS + DAY_MS / 2), Ok(()), "the next day");
    }

    #[test]
    fn a_session_across_midnight_counts_with_the_new_days_part_only() {
        let midnight = NOON_MS + DAY_MS / 2;
        assert_eq!(time_today_ms(midnight - 5_000, midnight + 7_000), 7_000);
        let mut account = Account::new(Limits { daily_time: Some(Duration::from_secs(7)), ..Limits::default() });
        account.spend(NOON_MS, NOON_MS + DAY_MS / 2 - 1);
        account.spend(midnight - 5_000, midnight + 6_999);
        assert_eq!(account.launch(Open::default(), midnight + 6_999), Ok(()));
        account.spend(midnight, midnight + 1);
        assert!(account.launch(Open::default(), midnight + 7_000).is_err());
    }

    proptest! {
        #[test]
        fn callers_who_wait_as_long_as_told_are_let_in(
            pauses in prop::collection::vec(0..40_000u64, 1..40), interval in 1..30_000u64, per_second in 1..4u32,
        ) {
            let launch_interval = Some(Duration::from_millis(interval));
            let max_launches_per_second = Some(per_second);
            let limits = Limits { launch_interval, max_launches_per_second, ..Limits::default() };
            let (mut account, mut now_ms) = (Account::new(limits), NOON_MS);
            for pause in pauses {
                now_ms += pause;
                if let Err(refusal) = account.launch(Open::default(), now_ms) {
                    now_ms += refusal.retry_after_seconds() * 1_000;
                    prop_assert_eq!(account.launch(Open::default(), now_ms), Ok(()));
                }
            }
        }
    }
}
