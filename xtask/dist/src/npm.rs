//! browser-run-local for npm: a launcher for every platform, and a package with the program for this one.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use crate::{Project, files::Files, licences::Packages};

const NAME: &str = "browser-run-local";

/// What releases are made for: Rust's name, npm's names of system and processor, and the C library where it matters.
const PLATFORMS: [(&str, &str, &str, Option<&str>); 3] = [
    ("aarch64-apple-darwin", "darwin", "arm64", None),
    ("aarch64-unknown-linux-gnu", "linux", "arm64", Some("glibc")),
    ("x86_64-unknown-linux-gnu", "linux", "x64", Some("glibc")),
];

/// As `npm pack` would name them.
pub(crate) fn packages(project: &Project, packages: &Packages) -> Result<Vec<(String, Vec<u8>)>> {
    let packages = [(NAME.to_owned(), launcher(project)?), platform(project, packages)?];
    let archive =
        |(name, files): (String, Files)| Ok((format!("{name}-{}.tgz", project.version), files.archive("package")?));
    packages.into_iter().map(archive).collect()
}

fn launcher(project: &Project) -> Result<Files> {
    let name =
        |(_, os, cpu, _): (&str, &str, &str, Option<&str>)| (format!("{NAME}-{os}-{cpu}"), json!(project.version));
    let optional: Map<_, _> = PLATFORMS.into_iter().map(name).collect();
    let mut files = package(
        project,
        json!({
            "name": NAME,
            "description": "Cloudflare Browser Run's session API on your machine, over a real Chromium",
            "bin": { NAME: "launcher.js" },
            "engines": { "node": ">=18" },
        // Recordings are made with it.
        "dependencies": { "rrweb": project.pinned("rrweb")? },
            "optionalDependencies": optional,
        }),
    )?;
    files.add_program("launcher.js", project.read("xtask/dist/files/launcher.js")?);
    files.add("README.md", project.read("crates/browser-run-local/README.md")?);
    Ok(files)
}

fn platform(project: &Project, packages: &Packages) -> Result<(String, Files)> {
    let platform = PLATFORMS.into_iter().find(|(target, ..)| *target == project.target);
    let (target, os, cpu, libc) = platform.with_context(|| format!("npm has no package for {}", project.target))?;
    let name = format!("{NAME}-{os}-{cpu}");
    let mut manifest = json!({
        "name": name,
        "description": format!("The program of {NAME} for {target}"),
        "os": [os],
        "cpu": [cpu],
        // It is run from where it is: nothing may be kept zipped.
        "preferUnplugged": true,
    });
    if let Some(libc) = libc {
        manifest["libc"] = json!([libc]);
    }
    let mut files = package(project, manifest)?;
    files.add_program(NAME, project.program(NAME)?);
    files.add("README.md", format!("The program of [{NAME}](https://www.npmjs.com/package/{NAME}) for {target}.\n"));
    files.add("THIRD-PARTY.txt", packages.of(&[NAME], &[])?);
    Ok((name, files))
}

/// With what all of them have.
fn package(project: &Project, mut manifest: Value) -> Result<Files> {
    manifest["version"] = json!(project.version);
    manifest["license"] = json!("MIT OR Apache-2.0");
    if !project.repository.is_empty() {
        manifest["repository"] = json!(project.repository);
    }
    let mut files = project.licence()?;
    files.add("package.json", format!("{manifest:#}\n"));
    Ok(files)
}
