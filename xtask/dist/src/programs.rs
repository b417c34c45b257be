//! The programs, an archive each: one folder with the program, its README and the licences.

use anyhow::Result;

use crate::{Project, licences::Packages};

/// Program, package, and its README.
const PROGRAMS: [(&str, &str, &str); 2] = [
    ("browser-run-local", "browser-run-local", "crates/browser-run-local/README.md"),
    ("devtools-link", "devtools-link-cli", "crates/devtools-link-cli/README.md"),
];

/// Their names as `cargo binstall` looks for them.
pub(crate) fn archives(project: &Project, packages: &Packages) -> Result<Vec<(String, Vec<u8>)>> {
    let archive = |(program, package, readme): (&str, &str, &str)| {
        let mut files = project.licence()?;
        files.add_program(program, project.program(program)?);
        files.add("README.md", project.read(readme)?);
        files.add("THIRD-PARTY.txt", packages.of(&[package])?);
        let folder = format!("{program}-{}", project.target);
        Ok((format!("{folder}.tar.gz"), files.archive(&folder)?))
    };
    PROGRAMS.into_iter().map(archive).collect()
}
