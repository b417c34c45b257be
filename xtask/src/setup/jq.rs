//! jq, with which the Action's script is tested: what is there, else by the system's package manager where that asks nothing.

use std::env;

use anyhow::Result;
use locate_chromium::on_path;

use super::packages::{self, Manager};

/// What somebody has to do, if there is no other way.
pub(super) fn missing() -> Option<String> {
    (!is_there() && prefix().is_none()).then(|| "no jq: install it, https://jqlang.org/download/".to_owned())
}

pub(super) fn install() -> Result<()> {
    match prefix().filter(|_| !is_there()) {
        Some((manager, prefix)) => packages::install(prefix, &manager.lines("jq")),
        None => Ok(()),
    }
}

fn is_there() -> bool {
    on_path("jq", &env::var_os("PATH").unwrap_or_default()).is_some()
}

/// The package manager that asks nothing, and what its lines start with for that.
fn prefix() -> Option<(Manager, &'static str)> {
    let manager = Manager::find(&env::var_os("PATH").unwrap_or_default())?;
    Some((manager, manager.prefix()?))
}
