//! Whole numbers as clients send them: the official SDKs type them as floating-point numbers, queries are text.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// Reads `60000`, `60000.0` or either as text; for `#[serde(default, deserialize_with = "…")]`.
///
/// # Errors
/// When there is something else than a whole number from 0 on, `null` aside.
pub fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Option::<Whole>::deserialize(deserializer).map(|number| number.map(|Whole(number)| number))
}

struct Whole(u64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl de::Visitor<'_> for Reader {
    type Value = Whole;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a whole number from 0 on")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole, E> {
        Ok(Whole(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Whole, E> {
        // Beyond 2^53 there are no whole numbers to tell apart.
        if number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number) {
            Ok(Whole(number as u64))
        } else {
            Err(E::invalid_value(de::Unexpected::Float(number), &self))
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Whole, E> {
        match (text.parse(), text.parse()) {
            (Ok(number), _) => Ok(Whole(number)),
            (_, Ok(number)) => self.visit_f64(number),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn whole_numbers_are_read_however_they_are_written() {
        for value in [json!(60_000), json!(60_000.0), json!("60000"), json!("60000.0"), json!("6e4")] {
            assert_eq!(whole(value.clone()).unwrap(), Some(60_000), "{value}");
        }
        assert_eq!(whole(Value::Null).unwrap(), None);
        for value in [json!(0.5), json!(-1), json!("-1"), json!("soon"), json!("NaN"), json!(1e300), json!([1])] {
            assert!(whole(value.clone()).is_err(), "{value}");
        }
    }
}
