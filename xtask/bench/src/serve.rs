//! `cargo xtask bench serve`: one row's Worker and its upstream, for load tools that people trust already.

use anyhow::{Context, Result};

use crate::{process::Cores, settings::Serve as Settings, stand_in, workerd::Workerd};

/// Serves until this process ends.
pub(crate) async fn run(settings: &Settings, cores: &Cores) -> Result<()> {
    let stand_in = stand_in::start(None).await?;
    let worker = settings.row.worker(&settings.place, stand_in).context("there is no Worker in this row")?;
    let mut workerd = Workerd::start(&settings.place, &worker, cores, false)?;
    drop(workerd.connect().await?);
    println!("http://{}/?url=https%3A%2F%2Fexample.com%2F", workerd.address);
    if let Some(authorization) = settings.row.authorization() {
        println!("authorization: {authorization}");
    }
    std::future::pending().await
}
