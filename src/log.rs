//! The log: one line of JSON each, flat, since Workers Logs indexes the fields of what is logged as JSON. Written where there
//! is a platform to take it. <https://developers.cloudflare.com/workers/observability/logs/workers-logs/>

#[cfg(not(test))]
use crate::js;
use lean_json::{ToJson, Writer};

/// Something is wrong that belongs to no request: what, and why.
pub(crate) fn error(what: &str, why: &str) {
    Line { is_error: true, ..Line::empty() }.text(what, why).write();
}

/// A line that is being put together. Nothing in a value can end its text, or the line.
pub(crate) struct Line {
    json: Writer,
    is_error: bool,
}

impl Line {
    /// A line about `event`.
    pub(crate) fn new(event: &str) -> Self {
        Self::empty().text("event", event)
    }

    fn empty() -> Self {
        let mut json = Writer::default();
        json.begin();
        Self { json, is_error: false }
    }

    fn field(mut self, name: &str, value: &dyn ToJson) -> Self {
        self.json.field(name, value);
        self
    }

    /// The same with a text, where there is one.
    pub(crate) fn text<'a>(self, name: &str, value: impl Into<Option<&'a str>>) -> Self {
        match value.into() {
            Some(value) => self.field(name, &value),
            None => self,
        }
    }

    /// The same with a number, where there is one.
    pub(crate) fn number(self, name: &str, value: impl Into<Option<u64>>) -> Self {
        match value.into() {
            Some(value) => self.field(name, &value),
            None => self,
        }
    }

    /// The same with a number for each of these.
    pub(crate) fn counts(self, counts: &[(&str, usize)]) -> Self {
        counts.iter().fold(self, |line, (name, count)| line.number(name, *count as u64))
    }

    /// The same with texts, where there are any.
    pub(crate) fn texts<'a>(self, name: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        let values: Vec<_> = values.into_iter().collect();
        if values.is_empty() { self } else { self.field(name, &values) }
    }

    /// The same with what went wrong, where something did: that makes it an error's line.
    pub(crate) fn error(self, error: Option<&str>) -> Self {
        Self { is_error: self.is_error || error.is_some(), ..self.text("error", error) }
    }

    /// Writes it.
    pub(crate) fn write(mut self) {
        self.json.end();
        let json = self.json.into_text();
        #[cfg(test)]
        kept::keep(json);
        #[cfg(not(test))]
        if self.is_error {
            js::console_error(&json);
        } else {
            js::console_log(&json);
        }
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
