//! The log: a line of JSON each, written where there is a platform to take it.

use serde_json::Value;

/// Something is wrong.
pub(crate) fn error(line: &Value) {
    #[cfg(not(test))]
    worker::console_error!("{line}");
    #[cfg(test)]
    kept::keep(line);
}

/// What the log says, for native tests.
#[cfg(test)]
pub(crate) mod kept {
    use serde_json::Value;
    use std::cell::RefCell;

    thread_local! {
        static LINES: RefCell<Vec<String>> = RefCell::default();
    }

    pub(super) fn keep(line: &Value) {
        LINES.with_borrow_mut(|lines| lines.push(line.to_string()));
    }

    /// What was said on this thread since this was asked before.
    pub(crate) fn take() -> Vec<String> {
        LINES.take()
    }
}
