//! Files in memory, by their paths; what is made of them is the same bytes each time.

use std::{
    collections::{BTreeMap, btree_map},
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use anyhow::{Context as _, Result};
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

/// When everything was last changed: npm's choice, since some programs take no time before 1980.
const CHANGED: u64 = 499_162_500;

/// In the order of their paths.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Files(BTreeMap<String, Content>);

#[derive(PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
}

impl Files {
    pub(crate) fn add(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.to_owned(), Content { bytes: bytes.into(), mode: 0o644 });
    }

    pub(crate) fn add_program(&mut self, path: &str, bytes: Vec<u8>) {
        self.0.insert(path.to_owned(), Content { bytes, mode: 0o755 });
    }

    /// All of them, in a folder; none is this one.
    pub(crate) fn add_all(&mut self, folder: &str, files: Self) {
        let slash = if folder.is_empty() { "" } else { "/" };
        self.0.extend(files.0.into_iter().map(|(path, content)| (format!("{folder}{slash}{path}"), content)));
    }

    /// Everything below a folder on disk.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut files = Self::default();
        let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().into_string().ok().context("a file has no plain name")?;
            if entry.path().is_dir() {
                files.add_all(&name, Self::read(&entry.path())?);
            } else {
                files.add(&name, fs::read(entry.path())?);
            }
        }
        Ok(files)
    }

    pub(crate) fn iter(&self) -> btree_map::Iter<'_, String, Content> {
        self.0.iter()
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        for (path, content) in &self.0 {
            let file = folder.join(path);
            fs::create_dir_all(file.parent().context("a file is in a folder")?)?;
            fs::write(&file, &content.bytes).with_context(|| format!("cannot write {}", file.display()))?;
            fs::set_permissions(&file, fs::Permissions::from_mode(content.mode))?;
        }
        Ok(())
    }

    /// A `tar.gz` with all of them in one folder: nobody's, and never changed.
    pub(crate) fn archive(&self, folder: &str) -> Result<Vec<u8>> {
        let gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
        let mut archive = tar::Builder::new(gzip);
        for (path, Content { bytes, mode }) in &self.0 {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(*mode);
            header.set_mtime(CHANGED);
            archive.append_data(&mut header, format!("{folder}/{path}"), bytes.as_slice())?;
        }
        Ok(archive.into_inner()?.finish()?)
    }

    /// As `sha256sum` writes and checks it.
    pub(crate) fn sums(&self) -> String {
        let line = |(path, content): (&String, &Content)| {
            let sum = Sha256::digest(&content.bytes);
            let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{sum}  {path}\n")
        };
        self.0.iter().map(line).collect()
    }
}
