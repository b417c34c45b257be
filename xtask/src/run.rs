//! Child processes that are waited for: one call each, errors that show the command line.

use std::{
    ffi::OsStr,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use process_guard::Group;

use crate::project;

/// A command in the project's root, with the project's npm tools first in its `PATH`.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(project::root()).env("PATH", project::path_variable());
    command
}

/// `command`, with its arguments given as one line of words.
pub(crate) fn words(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = command(words.next().expect("a command line has a program"));
    command.args(words);
    command
}

/// Runs it to its end; its output is shown, on stderr.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let (mut child, _group) = Group::start(command, None)?;
    let status = child.wait()?;
    ensure!(status.success(), "{} failed: {status}", line(command));
    Ok(())
}

/// Runs it to its end; what it said on stdout is returned, its complaints are not shown.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    ensure!(
        output.status.success(),
        "{} failed: {}\n{}",
        line(command),
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as one would type it: without the environment that `Debug` would show.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    format!("`{}`", words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" "))
}
