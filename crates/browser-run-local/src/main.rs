//! The program: flags, log, listener, signals. Everything else is the library's.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;
use browser_run_local::Config;
use clap::Parser as _;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::parse();
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();

    let listener = TcpListener::bind((config.host, config.port))
        .await
        .with_context(|| format!("cannot listen on {}:{}: choose --host and --port", config.host, config.port))?;
    let address = listener.local_addr()?;
    // The handlers are in place before anybody can know that there is something to stop.
    let shutdown = shutdown()?;
    let server = browser_run_local::run(listener, config, shutdown);
    writeln!(io::stdout(), "listening on http://{address}")?;
    Ok(server.await?)
}

/// Completes on SIGINT or SIGTERM.
fn shutdown() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}
