//! Child processes that are waited for: one call each, errors that show the command line.

use std::{
    ffi::OsStr,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use process_guard::{Group, Guarded};

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
    let Guarded { mut child, group: _group } = Group::start(command, None)?;
    let status = child.wait()?;
    ensure!(status.success(), "{} failed: {status}", line(command));
    Ok(())
}

/// Runs it to its end; what it says goes to a file, and is shown only when it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    let said = project::scratch("said")?
        .join(Path::new(command.get_program()).with_extension("log").file_name().unwrap_or_default());
    let Guarded { mut child, group: _group } = Group::start(&into_file(Output::All, &said, command), None)?;
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    bail!("{} failed: {status}\n{}", line(command), fs::read_to_string(&said).unwrap_or_default().trim())
}

/// What a command says.
#[derive(Clone, Copy)]
pub(crate) enum Output {
    All,
    /// Without its complaints.
    Answer,
}

/// The same command, with what it says in a file.
pub(crate) fn into_file(output: Output, file: &Path, command: &Command) -> Command {
    let mut shell = self::command("sh");
    let script = match output {
        Output::All => r#"exec >"$0" 2>&1 "$@""#,
        Output::Answer => r#"exec >"$0" "$@""#,
    };
    shell.args(["-c", script]).arg(file).arg(command.get_program()).args(command.get_args());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell
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
