//! The time, which tests can put forward, and durations as settings have them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::{sync::watch, time::Instant};

/// Milliseconds since 1970.
pub(crate) type Millis = u64;

/// Wall-clock time that never goes back: read once at the start, counted from there.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    started_at_ms: Millis,
    skipped: watch::Sender<Duration>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), started_at_ms: millis(since_epoch), skipped: watch::Sender::default() }
    }

    pub(crate) fn now(&self) -> Millis {
        self.started_at_ms + millis(self.started.elapsed() + *self.skipped.borrow())
    }

    /// Puts the clock forward, and wakes those whose time has come.
    pub(crate) fn advance(&self, by: Duration) {
        self.skipped.send_modify(|skipped| *skipped += by);
    }

    pub(crate) async fn sleep_until(&self, deadline_ms: Millis) {
        let mut skips = self.skipped.subscribe();
        loop {
            let left_ms = deadline_ms.saturating_sub(self.now());
            if left_ms == 0 {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left_ms)) => {}
                _ = skips.changed() => {}
            }
        }
    }
}

/// A duration in whole milliseconds.
pub(crate) fn millis(duration: Duration) -> Millis {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Minutes as a setting has them, with or without a fraction.
///
/// # Errors
/// When it is no number, or none in the range that the message names.
pub(crate) fn minutes(text: &str) -> Result<Duration, String> {
    seconds(text).map(|duration| duration * 60)
}

/// Seconds as a setting has them, with or without a fraction.
///
/// # Errors
/// When it is no number, or none in the range that the message names.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    const WANTED: &str = "a number above 0 and at most 100000 is wanted";
    let number = text.parse::<f64>().map_err(|_| WANTED.to_owned())?;
    if number > 0.0 && number <= 100_000.0 { Ok(Duration::from_secs_f64(number)) } else { Err(WANTED.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_minutes_are_allowed_and_nonsense_is_not() {
        assert_eq!(minutes("0.05"), Ok(Duration::from_secs(3)));
        for wrong in ["0", "-1", "NaN", "inf", "1e300", "five", ""] {
            assert!(minutes(wrong).is_err(), "{wrong}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn sleepers_wake_at_their_time_not_before() {
        let clock = Clock::new();
        let start = clock.now();
        clock.sleep_until(start + 5_000).await;
        assert_eq!(clock.now() - start, 5_000);
    }

    #[tokio::test(start_paused = true)]
    async fn sleepers_wake_when_the_clock_is_put_forward() {
        let clock = Clock::new();
        let (start, before) = (clock.now(), Instant::now());
        tokio::join!(clock.sleep_until(start + 3_600_000), async { clock.advance(Duration::from_secs(3600)) });
        assert_eq!(before.elapsed(), Duration::ZERO);
        assert_eq!(clock.now() - start, 3_600_000);
    }
}
