//! The program: flags, log, signals. Everything else is the library's.

use std::io::{self, IsTerminal as _, Write as _};

use browser_run_local::{Config, LogFormat};
use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::parse();
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into()).from_env_lossy();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match config.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
    }

    // The handlers are in place before anybody can know that there is something to stop.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let server = browser_run_local::spawn(config).await?;
    writeln!(io::stdout(), "listening on {}", server.url())?;
    if let Some(url) = server.admin_url() {
        writeln!(io::stdout(), "admin on {url}")?;
    }
    if let Some(token) = server.own_token() {
        writeln!(io::stdout(), "{}", introduction(&server.api_url(), token))?;
    }
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    Ok(server.stop().await?)
}

/// What somebody who has given no token needs: the one that was made, and a line to try it with.
fn introduction(api_url: &str, token: &str) -> String {
    format!(
        "token, made for this run (--token or BROWSER_RUN_LOCAL_TOKEN set one that stays): {token}\n\
         try it: curl -X POST -H 'Authorization: Bearer {token}' \
         '{api_url}/accounts/local/browser-rendering/devtools/browser?targets=true'"
    )
}
