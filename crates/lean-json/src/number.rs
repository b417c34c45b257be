//! Whole numbers as clients send them: the official SDKs type them as floating-point numbers, queries are text.

/// Beyond 2^53 there are no whole numbers to tell apart.
const MOST: u64 = 1 << 53;

/// A number from 0 on, in decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decimal {
    /// What is before the point; `u64::MAX` for all that is larger.
    whole: u64,
    /// Whether nothing but zeros follows the point.
    is_whole: bool,
}

/// Reads `60000`, `60000.0` or `6e4`. `None`: it is no whole number from 0 to 2^64 − 1, or, written with a point or an
/// exponent, to 2^53.
#[must_use]
pub fn whole(text: &str) -> Option<u64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    decimal(text).filter(|decimal| decimal.is_whole && decimal.whole <= MOST).map(|decimal| decimal.whole)
}

/// Reads any number from 0 on, its fraction left out; what is larger than every `u64` is the largest.
#[must_use]
pub fn truncated(text: &str) -> Option<u64> {
    decimal(text).map(|decimal| decimal.whole)
}

/// Reads a number such as `0.05` as whole parts of one, so many to it; a part that is begun counts. Digits after the ninth are
/// left out.
#[must_use]
pub fn parts(text: &str, parts_of_one: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fraction: String = digits(fraction)?.chars().take(9).collect();
    let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
    let below = fraction.parse::<u64>().ok()?.checked_mul(parts_of_one)?.div_ceil(scale);
    digits(whole)?.parse::<u64>().ok()?.checked_mul(parts_of_one)?.checked_add(below)
}

fn decimal(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent).parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let all = [digits(whole)?, digits(fraction)?].concat();
    // Zeros behind the last digit make it larger; twenty of them are more than a `u64` holds.
    let longest = i32::try_from(all.len()).ok()?.checked_add(20)?;
    let point = i32::try_from(whole.len()).ok()?.saturating_add(exponent).clamp(0, longest);
    let point = usize::try_from(point).ok()?;
    let before = all.bytes().chain(std::iter::repeat(b'0')).take(point);
    let whole = before.fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add((digit - b'0').into()));
    Some(Decimal { whole, is_whole: all.bytes().skip(point).all(|digit| digit == b'0') })
}

/// The text, if it is digits and not none.
fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_however_they_are_written() {
        for text in ["60000", "60000.0", "60000.000", "6e4", "6E+4", "600000e-1", "0.6e5"] {
            assert_eq!(whole(text), Some(60_000), "{text}");
        }
        for text in ["0", "0.0", "0e9", "0e999999999"] {
            assert_eq!(whole(text), Some(0), "{text}");
        }
        assert_eq!(whole("18446744073709551615"), Some(u64::MAX));
        for text in [
            "", "0.5", "-1", "soon", "NaN", "1e300", "18446744073709551616", "1e", "1.", ".5", "1e2147483648",
            "1e99999999",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn a_fraction_is_left_out_and_the_largest_is_the_largest() {
        for (text, number) in [("1710000000000.9", 1_710_000_000_000), ("1e300", u64::MAX), ("5e-1", 0), ("12e-1", 1)] {
            assert_eq!(truncated(text), Some(number), "{text}");
        }
        assert_eq!([truncated("-1"), truncated("x"), truncated("")], [None; 3]);
    }

    #[test]
    fn parts_of_one_are_counted() {
        for (text, parts_of_a_minute) in [("1", 60_000), ("0.05", 3_000), ("0.00001", 1), ("1.000000000000001", 60_000)]
        {
            assert_eq!(parts(text, 60_000), Some(parts_of_a_minute), "{text}");
        }
        for text in ["", ".", ".5", "1.", "soon", "-1", "NaN", "1e1", "1.x", "1.ä", "99999999999999999999"] {
            assert_eq!(parts(text, 60_000), None, "{text}");
        }
    }
}
