//! What the Worker is compared with: `bench/*.js`, bundled as Workers are for their upload.

use std::path::Path;

use anyhow::Result;

use crate::{
    project,
    run::{command, run, run_quietly, words},
};

const NAMES: [&str; 5] = ["plain", "ledgered", "rpc", "same", "sdk"];

/// Puts each into a folder of its own below `folder`, as `index.js`.
pub(crate) fn bundle(folder: &Path) -> Result<()> {
    let sources = project::root().join("bench");
    // The official SDK is large, and nobody else needs it.
    if !is_installed(&sources) {
        run_quietly(&mut words("npm ci --prefix bench --no-audit --no-fund"))?;
    }
    NAMES.into_iter().try_for_each(|name| {
        let mut esbuild = command(project::npm_tool("esbuild"));
        esbuild.arg(sources.join(name).with_extension("js"));
        esbuild.arg(format!("--outfile={}", folder.join(name).join("index.js").display()));
        esbuild.args(["--bundle", "--minify", "--format=esm", "--log-level=warning", "--external:cloudflare:*"]);
        run(&mut esbuild)
    })
}

/// npm writes its own record last: it is older than a lock file that was changed since.
fn is_installed(sources: &Path) -> bool {
    let changed = |file: &str| sources.join(file).metadata().and_then(|file| file.modified());
    match (changed("package-lock.json"), changed("node_modules/.package-lock.json")) {
        (Ok(wanted), Ok(installed)) => wanted <= installed,
        _ => false,
    }
}
