//! The log: a line of JSON each, written where there is a platform to take it.

use lean_json::{ToJson, Writer};

/// Something is wrong: what, and why.
pub(crate) fn error(what: &str, why: &str) {
    let line = line(what, &why);
    #[cfg(not(test))]
    worker::console_error!("{line}");
    #[cfg(test)]
    kept::keep(line);
}

/// Something was done.
pub(crate) fn info(what: &str, of: &dyn ToJson) {
    worker::console_log!("{}", line(what, of));
}

fn line(what: &str, of: &dyn ToJson) -> String {
    let mut line = Writer::default();
    line.object(&mut |line| line.field(what, of));
    line.into_text()
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
