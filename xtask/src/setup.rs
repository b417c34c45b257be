//! What the commands need on this machine: first looked for, all of it, then installed where it is missing.
//!
//! Everything lands in the project's own folders, except rustup's wasm target and what a package manager installs.

mod chromium;
mod jq;
mod npm;
mod packages;
mod rust;

use anyhow::{Result, ensure};

use crate::steps::{Beside, Steps};

/// What a command is going to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Build,
    Dev,
    Test,
}

/// How many steps [`for_build`] takes.
pub(crate) const BUILD_STEPS: usize = 2;

/// Looks for everything that has to be there and cannot be installed from here.
///
/// # Errors
/// All that is missing, together, and what to do about it: nobody finds out about the next one minutes later.
pub(crate) fn check(need: Need) -> Result<()> {
    let mut missing = npm::missing();
    missing.extend(rust::missing(need));
    if need != Need::Build {
        missing.extend(chromium::missing());
    }
    if need == Need::Test {
        missing.extend(jq::missing());
    }
    ensure!(missing.is_empty(), "this machine lacks something:\n- {}", missing.join("\n- "));
    Ok(())
}

/// What a build of the Worker needs; the npm packages come beside what follows.
pub(crate) fn for_build(steps: &mut Steps) -> Result<Beside> {
    let npm = npm(steps);
    steps.run("Rust's wasm target", rust::add_wasm_target)?;
    Ok(npm)
}

/// The npm packages, beside what follows.
pub(crate) fn npm(steps: &mut Steps) -> Beside {
    steps.beside("npm packages", npm::install)
}

/// A browser, beside what follows.
pub(crate) fn chromium(steps: &mut Steps) -> Beside {
    steps.beside("Chromium", chromium::install)
}

/// A browser, and what else tests need of this machine, beside what follows.
pub(crate) fn for_tests(steps: &mut Steps) -> Beside {
    steps.beside("Chromium and jq", || chromium::install().and_then(|()| jq::install()))
}
