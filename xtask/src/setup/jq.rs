//! jq, with which the Action's script is tested: what is there, else by the system's package manager where that asks nothing.

use std::env;

use anyhow::Result;
use locate_chromium::on_path;

use super::chromium::prefix;
use crate::run::{run_quietly, words};

/// A package manager's program, and what to run.
const MANAGERS: [(&str, &str); 6] = [
    ("apt-get", "env DEBIAN_FRONTEND=noninteractive apt-get install --yes jq"),
    ("dnf", "dnf install --assumeyes jq"),
    ("pacman", "pacman --sync --noconfirm jq"),
    ("apk", "apk add jq"),
    ("zypper", "zypper --non-interactive install jq"),
    ("brew", "brew install jq"),
];

/// What somebody has to do, if there is no other way.
pub(super) fn missing() -> Option<String> {
    (!is_there() && line().is_none()).then(|| "no jq: install it, https://jqlang.org/download/".to_owned())
}

/// After the browser, whose package manager may have read its lists a moment ago.
pub(super) fn install() -> Result<()> {
    let Some(line) = line().filter(|_| !is_there()) else { return Ok(()) };
    // apt knows of no package before it has read its lists.
    run_quietly(&mut words(&line)).or_else(|_| {
        run_quietly(&mut words(&line.replace("install --yes jq", "update")))?;
        run_quietly(&mut words(&line))
    })
}

fn is_there() -> bool {
    on_path("jq", &env::var_os("PATH").unwrap_or_default()).is_some()
}

fn line() -> Option<String> {
    let search_path = env::var_os("PATH").unwrap_or_default();
    let (program, line) = MANAGERS.iter().find(|(program, _)| on_path(program, &search_path).is_some())?;
    Some(format!("{} {line}", prefix(program)?))
}
