//! Markdown tables.

/// Rows under a heading; every row has as many cells.
pub(crate) fn markdown(heading: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let heading: Vec<_> = heading.iter().map(ToString::to_string).collect();
    let mut table = line(&heading);
    table.push_str(&format!("|{}\n", "---|".repeat(heading.len())));
    rows.iter().for_each(|row| table.push_str(&line(row)));
    table
}

/// Several values of one kind in one cell.
pub(crate) fn cell(values: impl IntoIterator<Item = f64>) -> String {
    let values: Vec<_> = values.into_iter().map(number).collect();
    if values.iter().all(|value| value == ABSENT) { ABSENT.to_owned() } else { values.join(" / ") }
}

/// What was not measured.
pub(crate) const ABSENT: &str = "–";

/// Three digits that count.
fn number(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => ABSENT.to_owned(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_shows_the_digits_that_count() {
        assert_eq!([1234.5, 43.21, 0.617, f64::NAN].map(number), ["1234", "43.2", "0.62", "–"]);
        assert_eq!(cell([1.0, f64::NAN]), "1.00 / –");
        assert_eq!(cell([f64::NAN, f64::NAN]), "–");
    }

    #[test]
    fn a_table_is_markdown() {
        let table = markdown(&["a", "b"], &[vec!["1".to_owned(), "2".to_owned()]]);
        assert_eq!(table, "| a | b |\n|---|---|\n| 1 | 2 |\n");
    }
}
