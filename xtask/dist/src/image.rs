//! The Dockerfile of browser-run-local: `docker build dist` makes an image of it, with a Chromium.

use anyhow::Result;

use crate::{Project, files::Files};

pub(crate) fn files(project: &Project) -> Result<Files> {
    let mut files = Files::default();
    files.add("Dockerfile", project.read("xtask/dist/files/Dockerfile")?);
    // Only what it copies is sent to who builds it.
    files.add(".dockerignore", "*\n!browser-run-local-*-linux-gnu.tar.gz\n");
    Ok(files)
}
