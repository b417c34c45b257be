//! What `cargo xtask bench` runs, with its settings as one argument of JSON ([`settings`]).
//!
//! - [`clicks`]: rounds over every row and cell, [`row`] says what a row is, [`report`] what is printed
//! - [`profile`]: where one row's processor time goes
//! - [`scale`]: the same things with a long history and a full account, and how much one ledger carries
//! - [`serve`]: one row's Worker, for other load tools
//! - [`local`]: browser-run-local beside Chromium's own port
//!
//! and what they share:
//!
//! - [`workerd`]: a Worker in workerd itself · [`storage`]: what it has stored · [`wrangler`]: how wrangler.toml says that it is deployed
//! - [`stand_in`]: Browser Run as far as a click needs it · [`load`]: clicks, one after another, on many connections
//! - [`http`], [`cdp`]: one connection · [`process`]: what a process costs, and where it runs
//! - [`statistics`]: percentiles and medians · [`table`]: Markdown · [`machine`]: this machine in words

mod cdp;
mod clicks;
mod http;
mod load;
mod local;
mod machine;
mod place;
mod process;
mod profile;
mod report;
mod row;
mod sample;
mod scale;
mod serve;
mod settings;
mod stand_in;
mod statistics;
mod storage;
mod table;
mod workerd;
mod wrangler;

use std::env;

use anyhow::{Context, Result};
use process::Cores;
use settings::Settings;

fn main() -> Result<()> {
    let settings = env::args().nth(1).context("usage: xtask-bench SETTINGS, as `cargo xtask bench` calls it")?;
    let settings: Settings = serde_json::from_str(&settings).context("the settings")?;
    let cores = match settings {
        Settings::Local(_) => Cores::together(),
        _ => Cores::separated()?,
    };
    // One thread, on a core of its own where the Worker has the other to itself.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match settings {
            Settings::Clicks(settings) => clicks::run(&settings, &cores).await,
            Settings::Profile(settings) => profile::run(&settings, &cores).await,
            Settings::Scale(settings) => scale::run(&settings, &cores).await,
            Settings::Serve(settings) => serve::run(&settings, &cores).await,
            Settings::Local(settings) => local::run(&settings, &cores).await,
        }
    })
}
