//! What is happening, how far it is, and how long it took: one line before a step, one after it.

use std::time::Instant;

use anyhow::Result;

/// A command's steps, counted.
pub(crate) struct Steps {
    total: usize,
    current: usize,
}

impl Steps {
    pub(crate) fn new(total: usize) -> Self {
        Self { total, current: 0 }
    }

    /// Runs the next step. Progress goes to stderr: stdout is for what a command answers.
    pub(crate) fn run<T>(&mut self, title: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        self.current += 1;
        let place = format!("[{}/{}]", self.current, self.total);
        eprintln!("{place} {title} …");
        let start = Instant::now();
        let value = step()?;
        eprintln!("{place} {title}: {:.1} s", start.elapsed().as_secs_f64());
        Ok(value)
    }
}
