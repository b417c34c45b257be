//! What is happening, how far it is, and how long it took: a line before a step, one after it, and one every few
//! seconds between, so that nobody has to guess whether it still runs.

use std::{
    process,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Result;

/// Nobody waits longer for a word.
const PAUSE: Duration = Duration::from_secs(8);

/// A command's steps, counted.
pub(crate) struct Steps {
    total: usize,
    current: usize,
}

/// A step that runs beside others.
pub(crate) struct Beside(JoinHandle<()>);

/// A step that has begun. Progress goes to stderr: stdout is for what a command answers.
pub(crate) struct Begun {
    name: String,
    start: Instant,
    /// Dropped, nothing more is said.
    _ticks: Sender<()>,
}

impl Steps {
    pub(crate) fn new(total: usize) -> Self {
        Self { total, current: 0 }
    }

    /// Runs the next step.
    pub(crate) fn run<T>(&mut self, title: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        let begun = self.begin(title);
        let value = step()?;
        begun.end();
        Ok(value)
    }

    /// Starts the next step beside those that follow it: one that waits for the network more than for the processor.
    ///
    /// When it fails this program ends at once, and with it everything that it has started.
    pub(crate) fn beside(&mut self, title: &str, step: impl FnOnce() -> Result<()> + Send + 'static) -> Beside {
        let begun = self.begin(title);
        Beside(thread::spawn(move || match step() {
            Ok(()) => begun.end(),
            Err(error) => {
                eprintln!("Error: {error:?}");
                process::exit(1);
            }
        }))
    }

    /// Begins the next step.
    pub(crate) fn begin(&mut self, title: &str) -> Begun {
        self.current += 1;
        Begun::new(format!("[{}/{}] {title}", self.current, self.total))
    }
}

impl Beside {
    /// Waits until it has ended.
    pub(crate) fn wait(self) {
        self.0.join().expect("a step that fails ends the program");
    }
}

impl Begun {
    fn new(name: String) -> Self {
        eprintln!("{name} …");
        let (start, (sender, ended)) = (Instant::now(), mpsc::channel());
        let ticking = name.clone();
        thread::spawn(move || tick(&ended, PAUSE, || eprintln!("{ticking} … {} s", start.elapsed().as_secs())));
        Self { name, start, _ticks: sender }
    }

    pub(crate) fn end(self) {
        eprintln!("{}: {:.1} s", self.name, self.start.elapsed().as_secs_f64());
    }
}

/// Says something after each pause, until the other end of the channel is dropped.
fn tick(ended: &Receiver<()>, pause: Duration, mut say: impl FnMut()) {
    while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        say();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_step_says_again_and_again_that_it_runs() {
        assert!(PAUSE < Duration::from_secs(10));
        let ((_sender, ended), (says, said)) = (mpsc::channel(), mpsc::channel());
        thread::spawn(move || tick(&ended, Duration::from_millis(1), || says.send(()).unwrap_or_default()));
        assert_eq!(said.iter().take(3).count(), 3);
    }
}
