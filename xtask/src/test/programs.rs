//! The tests' programs, as `cargo test` runs them, but two at a time: most wait for a browser. What a program says is shown
//! when it has ended, all of it, and what those say that fail comes last.

use std::{fs, path::PathBuf, sync::Mutex, thread};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    project,
    run::{Output, command, into_file, run, words},
};

/// Each has a test a core: with more, all together take longer.
const AT_ONCE: usize = 2;
const NOBODY_PANICS: &str = "nobody panics who has it";

/// What one test target was compiled to.
struct Program {
    /// Its main file, below the project's root.
    title: String,
    /// Its package.
    folder: PathBuf,
    file: PathBuf,
}

/// Compiles them.
pub(super) fn compile() -> Result<()> {
    let cargo = words("cargo test --workspace --no-run --message-format json-render-diagnostics");
    run(&mut into_file(Output::Answer, &messages()?, &cargo))
}

/// Runs them.
pub(super) fn run_all() -> Result<()> {
    let messages = fs::read_to_string(messages()?)?;
    let mut programs: Vec<_> = messages.lines().filter_map(Program::read).collect();
    // What takes longest is begun first: it is what is largest.
    programs.sort_by_key(|program| fs::metadata(&program.file).map_or(0, |file| file.len()));
    let (programs, failures) = (Mutex::new(programs), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(program) = next(&programs) {
                    match program.run() {
                        Ok(said) => eprintln!("{said}"),
                        Err(failure) => failures.lock().expect(NOBODY_PANICS).push(failure),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect(NOBODY_PANICS);
    for failure in &failures {
        eprintln!("{failure:#}");
    }
    ensure!(failures.is_empty(), "{} of the tests' programs failed: see above", failures.len());
    Ok(())
}

fn next(programs: &Mutex<Vec<Program>>) -> Option<Program> {
    programs.lock().expect(NOBODY_PANICS).pop()
}

/// What cargo has compiled, a line of JSON each.
fn messages() -> Result<PathBuf> {
    Ok(project::scratch("said")?.join("tests.json"))
}

impl Program {
    /// What a message of cargo's is about, if it is one.
    fn read(message: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(message).ok()?;
        let path = |value: &Value| value.as_str().map(PathBuf::from);
        let file = path(&message["executable"]).filter(|_| message["profile"]["test"] == true)?;
        let main = path(&message["target"]["src_path"])?;
        Some(Self {
            title: main.strip_prefix(project::root()).unwrap_or(&main).display().to_string(),
            folder: path(&message["manifest_path"])?.parent()?.to_owned(),
            file,
        })
    }

    /// Runs it to its end; answers what it said.
    fn run(&self) -> Result<String> {
        let log = self.file.with_extension("log");
        let mut program = command(&self.file);
        program.env("NODE_COMPILE_CACHE", project::target()?.join("xtask/node"));
        program.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        let ended = run(&mut into_file(Output::All, &log, &program));
        let said = format!("{}\n{}", self.title, String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()));
        fs::remove_file(log)?;
        ended.with_context(|| said.clone()).map(|()| said)
    }
}
