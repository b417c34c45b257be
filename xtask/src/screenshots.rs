//! `cargo xtask screenshots`: pictures of every page that people see, in docs/pages/. The test that looks at them takes them.

use std::fs;

use anyhow::{Context, Result};

use crate::{
    build::{self, Build},
    project,
    run::{run, words},
    setup::{self, Need},
    steps::Steps,
};

const FOLDER: &str = "docs/pages";

pub(crate) fn screenshots() -> Result<()> {
    setup::check(Need::Test)?;
    let mut steps = Steps::new(setup::BUILD_STEPS + 4);
    let chromium = setup::chromium(&mut steps);
    let npm = setup::for_build(&mut steps)?;
    steps.run("tools", build::tools)?;
    npm.wait();
    steps.run("the Worker", || build::worker(Build::Test))?;
    chromium.wait();
    let folder = project::root().join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    steps.run("pictures", || {
        run(words("cargo test --package devtools-link --test e2e shown").env("SCREENSHOTS", &folder))
    })
}
