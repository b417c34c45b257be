//! `cargo xtask dev`: the Worker and Browser Run on this machine, wired together, rebuilt as sources change.

mod click;
mod servers;
mod watch;
mod wiring;

use std::{
    process::{ExitCode, ExitStatus},
    sync::mpsc::{self, Sender},
    thread,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{
    build::{self, Build},
    setup::{self, Need},
    steps::Steps,
};
use servers::Servers;
use wiring::Wiring;

#[derive(Args)]
pub(crate) struct Options {
    /// The Worker's port; 0 picks a free one
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// The port of Browser Run on this machine; 0 picks a free one
    #[arg(long, default_value_t = 9333)]
    browser_run_port: u16,
}

/// What can happen while the servers run.
enum Event {
    /// Ctrl-C, or another way of saying stop.
    Signal(i32),
    /// A process ended; `pid` tells a server of now from one that was replaced.
    Exited { name: &'static str, pid: u32, status: ExitStatus },
    /// Browser Run's sources changed, and compiled.
    Rebuilt,
    /// What the click that proves everything is ready gave.
    Clicked(Result<()>),
}

pub(crate) fn dev(options: &Options) -> Result<ExitCode> {
    let wiring = Wiring::new(options.port, options.browser_run_port)?;
    setup::check(Need::Dev)?;
    let mut steps = Steps::new(setup::BUILD_STEPS + 5);
    let chromium = setup::chromium(&mut steps);
    let npm = setup::for_build(&mut steps)?;
    steps.run("tools", build::tools)?;
    steps.run("browser-run-local", watch::build)?;
    npm.wait();
    steps.run("the Worker", || build::worker(Build::Dev))?;
    chromium.wait();
    serve(&wiring, &mut steps)
}

/// Runs both servers until somebody stops them.
fn serve(wiring: &Wiring, steps: &mut Steps) -> Result<ExitCode> {
    let (sender, events) = mpsc::channel();
    forward_signals(sender.clone())?;
    let _watcher = watch::rebuild(sender.clone())?;
    let mut starting = Some(steps.begin("both servers, and a first click"));
    let mut servers = Servers::start(wiring, &sender)?;
    click_once(wiring.clone(), sender.clone());
    for event in events {
        match event {
            Event::Signal(signal) => return Ok(ExitCode::from(128 + u8::try_from(signal)?)),
            Event::Exited { name, pid, status } if servers.has(pid) => bail!("{name} ended by itself: {status}"),
            Event::Exited { .. } => {}
            Event::Rebuilt => servers.restart_browser_run(wiring, &sender)?,
            Event::Clicked(result) => {
                result.context("a click does not work")?;
                if let Some(starting) = starting.take() {
                    starting.end();
                }
                println!("ready: {}", wiring.click_url("https://example.com/"));
            }
        }
    }
    bail!("nobody is left to say what happens")
}

fn click_once(wiring: Wiring, events: Sender<Event>) {
    thread::spawn(move || events.send(Event::Clicked(click::try_one(&wiring))));
}

fn forward_signals(events: Sender<Event>) -> Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || signals.forever().try_for_each(|signal| events.send(Event::Signal(signal))));
    Ok(())
}
