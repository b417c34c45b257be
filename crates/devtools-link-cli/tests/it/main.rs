//! The program itself, against a Worker that answers what a test says. (`tests/e2e/command_line.rs` has the real one.)
//!
//! - [`cli`]: the program, run
//! - [`commands`], [`failures`], [`settings`]: what it asks and prints, what it says when that fails, whom it asks
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic like the test itself")]

mod cli;
mod commands;
mod failures;
mod settings;
