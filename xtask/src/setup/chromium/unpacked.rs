//! Debian's Chromium without being root: its packages and all they depend on, downloaded by apt into folders of our
//! own and unpacked below `.tools/`, with a script in `.tools/bin/` that starts it there.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    project,
    run::{read, run_quietly, words},
};

/// The script: browser-run-local finds it as it finds any `chromium` on `PATH`.
pub(super) fn program() -> PathBuf {
    project::tools().join("bin/chromium")
}

pub(super) fn install() -> Result<()> {
    let folder = project::tools().join("chromium");
    let (files, apt) = (folder.join("files"), folder.join("apt"));
    for folder in [&files, &apt.join("state/lists/partial"), &apt.join("cache/archives/partial")] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    eprintln!("no right to install Chromium: unpacking Debian's packages of it into {}", folder.display());
    apt_get(&apt, "update")?;
    apt_get(&apt, "install --download-only --yes --no-install-recommends chromium")?;
    for package in
        entries(&apt.join("cache/archives"))?.into_iter().filter(|file| file.extension() == Some("deb".as_ref()))
    {
        run_quietly(words("dpkg-deb --extract").arg(package).arg(&files))?;
    }
    fs::remove_dir_all(&apt)?;
    fs::write(folder.join("fonts.conf"), fonts(&folder))?;
    let program = program();
    fs::create_dir_all(program.parent().context("a program is in a folder")?)?;
    fs::write(&program, script(&files)?)?;
    // Last: what is a program is whole.
    Ok(fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?)
}

/// apt with lists and archives of its own, and without the locks that only root can take.
fn apt_get(folder: &Path, line: &str) -> Result<()> {
    let (state, cache) = (folder.join("state"), folder.join("cache"));
    let mut apt = words("apt-get --quiet -o Dir::State::status=/var/lib/dpkg/status -o Debug::NoLocking=1");
    apt.arg("-o").arg(format!("Dir::State={}", state.display()));
    apt.arg("-o").arg(format!("Dir::Cache={}", cache.display()));
    run_quietly(apt.args(line.split_whitespace()))
}

fn fonts(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE fontconfig SYSTEM \"urn:fontconfig:fonts.dtd\">\n<fontconfig>\
         <dir>{folder}/files/usr/share/fonts</dir><dir>/usr/share/fonts</dir><cachedir>{folder}/fonts</cachedir>\
         </fontconfig>\n"
    )
}

/// Without root there is no setuid sandbox. The other kind needs user namespaces, which not every kernel gives everybody.
fn script(files: &Path) -> Result<String> {
    let mut libraries = BTreeSet::new();
    collect_libraries(files, &mut libraries)?;
    let libraries: Vec<_> = libraries.iter().map(|folder| folder.display().to_string()).collect();
    let has_sandbox = read(&mut words("unshare --user true")).is_ok();
    if !has_sandbox {
        eprintln!("this machine gives its users no namespaces: Chromium runs without its sandbox here");
    }
    Ok(format!(
        "#!/bin/sh\n# Made by `cargo xtask`: Chromium, unpacked rather than installed.\n\
         export LD_LIBRARY_PATH='{}' FONTCONFIG_FILE='{}'\nexec '{}' {}\"$@\"\n",
        libraries.join(":"),
        files.with_file_name("fonts.conf").display(),
        files.join("usr/lib/chromium/chromium").display(),
        if has_sandbox { "" } else { "--no-sandbox " },
    ))
}

/// Every folder that holds a shared library, Chromium's own aside.
fn collect_libraries(folder: &Path, libraries: &mut BTreeSet<PathBuf>) -> Result<()> {
    for path in entries(folder)? {
        let is_folder = path.symlink_metadata().is_ok_and(|file| file.is_dir());
        if is_folder && !path.ends_with("usr/lib/chromium") {
            collect_libraries(&path, libraries)?;
        } else if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.contains(".so")) {
            libraries.insert(folder.to_owned());
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    Ok(entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?)
}
