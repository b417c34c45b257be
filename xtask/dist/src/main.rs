//! What `cargo xtask dist` packs, once everything is built: `xtask-dist ROOT TARGET PROGRAMS`, where the last is the folder
//! that the programs are in.
//!
//! - [`worker`]: the Worker, to be deployed where no Rust is; [`wrangler`]: its configuration, [`explained`] by its comments
//! - [`programs`]: the programs' archives · [`npm`]: browser-run-local as npm packages · [`image`]: its Dockerfile
//! - [`licences`]: those of everything that is in there
//! - [`files`]: what is packed, in memory until it is whole; archives that are the same bytes each time; checksums

mod explained;
mod files;
mod image;
mod licences;
mod npm;
mod programs;
mod worker;
mod wrangler;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use files::Files;
use licences::Packages;
use serde_json::Value;

/// What is packed, and from where.
struct Project {
    root: PathBuf,
    /// What the programs run on, as Rust calls it.
    target: String,
    programs: PathBuf,
    /// All of it has the same.
    version: String,
    /// Where the project is, if it says so.
    repository: String,
}

fn main() -> Result<()> {
    let [root, target, programs] =
        env::args().skip(1).collect::<Vec<_>>().try_into().ok().context("three arguments")?;
    let [version, repository] = [env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_REPOSITORY")].map(str::to_owned);
    let project = Project { root: root.into(), target, programs: programs.into(), version, repository };
    let dist = project.root.join("dist");
    let packed = pack(&project)?;
    if dist.exists() {
        fs::remove_dir_all(&dist).with_context(|| format!("cannot empty {}", dist.display()))?;
    }
    packed.write(&dist)?;
    packed.iter().filter(|(path, _)| !path.contains('/')).for_each(|(path, _)| println!("dist/{path}"));
    Ok(())
}

/// All of `dist/`.
fn pack(project: &Project) -> Result<Files> {
    let packages = Packages::read(&project.root, &project.target)?;
    let mut dist = Files::default();
    dist.add_all("worker", worker::files(project)?);
    for (name, archive) in programs::archives(project, &packages)? {
        dist.add(&name, archive);
    }
    for (name, package) in npm::packages(project, &packages)? {
        dist.add(&name, package);
    }
    dist.add_all("", image::files(project)?);
    let sums = dist.sums();
    dist.add("SHA256SUMS", sums);
    Ok(dist)
}

impl Project {
    fn read(&self, path: &str) -> Result<Vec<u8>> {
        read(&self.root.join(path))
    }

    fn text(&self, path: &str) -> Result<String> {
        String::from_utf8(self.read(path)?).with_context(|| format!("{path} is no text"))
    }

    /// Which version of a tool package.json pins.
    fn pinned(&self, tool: &str) -> Result<String> {
        let package: Value = serde_json::from_str(&self.text("package.json")?).context("package.json")?;
        let version = package["devDependencies"][tool].as_str().map(str::to_owned);
        version.with_context(|| format!("package.json pins no {tool}"))
    }

    /// A program that was built before.
    fn program(&self, name: &str) -> Result<Vec<u8>> {
        read(&self.programs.join(name))
    }

    /// Our own licence, as its two texts.
    fn licence(&self) -> Result<Files> {
        let mut files = Files::default();
        for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
            files.add(name, self.read(name)?);
        }
        Ok(files)
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(!bytes.is_empty(), "{} is empty", path.display());
    Ok(bytes)
}

#[cfg(test)]
mod tests;
