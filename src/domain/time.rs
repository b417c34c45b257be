//! Times as people and programs read them.

use browser_run_api::DAY_MS;

/// Epoch milliseconds as RFC 3339 in UTC, to the second: `2026-11-22T19:33:51Z`.
pub(crate) fn rfc3339(epoch_ms: u64) -> String {
    let seconds = epoch_ms / 1_000;
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// When the month of a time began, in UTC.
pub(crate) fn month_begins_ms(epoch_ms: u64) -> u64 {
    let days = epoch_ms / DAY_MS;
    let (_, _, day) = date(days);
    (days + 1 - day) * DAY_MS
}

/// A duration as one says it.
pub(crate) fn humanize(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        0..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds / 60),
        7_200..=172_799 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The Gregorian date of a day since 1970: `civil_from_days` of
/// <https://howardhinnant.github.io/date_algorithms.html>.
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(1_795_376_034_272), "2026-11-22T19:33:54Z");
        assert_eq!(rfc3339(4_107_542_399_999), "2100-02-28T23:59:59Z");
    }

    #[test]
    fn months_begin_on_their_first_day() {
        for (time_ms, begins) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_868_799_999, "2000-02-01T00:00:00Z"),
            (951_868_800_000, "2000-03-01T00:00:00Z"),
            (1_795_376_034_272, "2026-11-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(month_begins_ms(time_ms)), begins);
        }
    }

    #[test]
    fn durations_are_said_in_their_largest_unit() {
        assert_eq!(humanize(1), "1 second");
        let said = [20, 120, 7_200, 172_800].map(humanize);
        assert_eq!(said, ["20 seconds", "2 minutes", "2 hours", "2 days"]);
    }
}
