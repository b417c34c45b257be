//! The log: one line of JSON each, flat, since Workers Logs indexes the fields of what is logged as JSON. Written where there
//! is a platform to take it. <https://developers.cloudflare.com/workers/observability/logs/workers-logs/>

/// Something is wrong that belongs to no request: what, and why.
pub(crate) fn error(what: &str, why: &str) {
    Line { json: String::from("{"), is_error: true }.text(what, why).write();
}

/// A line that is being put together. Put by hand: names are ours, and values are escaped here.
pub(crate) struct Line {
    json: String,
    is_error: bool,
}

impl Line {
    /// A line about `event`.
    pub(crate) fn new(event: &str) -> Self {
        Self { json: String::from("{"), is_error: false }.text("event", event)
    }

    /// The same with a text, where there is one.
    pub(crate) fn text<'a>(mut self, name: &str, value: impl Into<Option<&'a str>>) -> Self {
        if let Some(value) = value.into() {
            self.name(name);
            self.quoted(value);
        }
        self
    }

    /// The same with a number, where there is one.
    pub(crate) fn number(mut self, name: &str, value: impl Into<Option<u64>>) -> Self {
        if let Some(value) = value.into() {
            self.name(name);
            self.json.push_str(&value.to_string());
        }
        self
    }

    /// The same with a number for each of these.
    pub(crate) fn counts(self, counts: &[(&str, usize)]) -> Self {
        counts.iter().fold(self, |line, (name, count)| line.number(name, *count as u64))
    }

    /// The same with texts, where there are any.
    pub(crate) fn texts<'a>(mut self, name: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut values = values.into_iter().peekable();
        if values.peek().is_some() {
            self.name(name);
            for (index, value) in values.enumerate() {
                self.json.push(if index == 0 { '[' } else { ',' });
                self.quoted(value);
            }
            self.json.push(']');
        }
        self
    }

    /// The same with what went wrong, where something did: that makes it an error's line.
    pub(crate) fn error(self, error: Option<&str>) -> Self {
        Self { is_error: self.is_error || error.is_some(), ..self.text("error", error) }
    }

    /// Writes it.
    pub(crate) fn write(mut self) {
        self.json.push('}');
        #[cfg(test)]
        kept::keep(self.json);
        #[cfg(not(test))]
        if self.is_error {
            worker::console_error!("{}", self.json);
        } else {
            worker::console_log!("{}", self.json);
        }
    }

    fn name(&mut self, name: &str) {
        if self.json.len() > 1 {
            self.json.push(',');
        }
        self.quoted(name);
        self.json.push(':');
    }

    /// Nothing in it can end the text, or the line.
    fn quoted(&mut self, value: &str) {
        self.json.push_str(&lean_json::write(&value));
    }
}

/// What the log says, for native tests.
#[cfg(test)]
pub(crate) mod kept {
    use std::cell::RefCell;

    thread_local! {
        static LINES: RefCell<Vec<String>> = RefCell::default();
    }

    pub(super) fn keep(line: String) {
        LINES.with_borrow_mut(|lines| lines.push(line));
    }

    /// What was said on this thread since this was asked before.
    pub(crate) fn take() -> Vec<String> {
        LINES.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_line_is_one_line_of_flat_json_whatever_is_in_it() {
        kept::take();
        let hostile = "\"}\n{\"event\":\"forged\"}\u{1b}[31m";
        let line = Line::new("request").text("caller", hostile).text("session_id", None).number("status", 302);
        let line = line.texts("closed", ["a", "b"]).texts("failed", []).number("total_ms", None);
        line.error(None).write();
        let lines = kept::take();
        assert!(lines.len() == 1 && !lines[0].contains(['\n', '\u{1b}']), "{lines:?}");
        let read: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(read, json!({ "event": "request", "caller": hostile, "status": 302, "closed": ["a", "b"] }));
        assert!(Line::new("request").error(Some("no")).is_error);
    }
}
