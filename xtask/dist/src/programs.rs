//! The programs, an archive each: one folder with the program, its README and the licences.

use anyhow::Result;

use crate::{Project, files::Files, licences::Packages};

/// What recordings are made with: it is looked for where `--rrweb` says.
pub(crate) const RRWEB: &str = "node_modules/rrweb/umd/rrweb.min.js";

/// Their names as `cargo binstall` looks for them.
pub(crate) fn archives(project: &Project, packages: &Packages) -> Result<Vec<(String, Vec<u8>)>> {
    let mut local = files(project, "browser-run-local", "crates/browser-run-local/README.md")?;
    local.add("rrweb.min.js", project.read(RRWEB)?);
    local.add("THIRD-PARTY.txt", packages.of(&["browser-run-local"], &["rrweb"])?);
    let mut link = files(project, "devtools-link", "crates/devtools-link-cli/README.md")?;
    link.add("THIRD-PARTY.txt", packages.of(&["devtools-link-cli"], &[])?);
    let archive = |(program, files): (&str, Files)| {
        let folder = format!("{program}-{}", project.target);
        Ok((format!("{folder}.tar.gz"), files.archive(&folder)?))
    };
    [("browser-run-local", local), ("devtools-link", link)].into_iter().map(archive).collect()
}

fn files(project: &Project, program: &str, readme: &str) -> Result<Files> {
    let mut files = project.licence()?;
    files.add_program(program, project.program(program)?);
    files.add("README.md", project.read(readme)?);
    Ok(files)
}
