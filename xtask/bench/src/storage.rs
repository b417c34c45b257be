//! What a Worker has stored, as files in memory: several can begin with the same.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Nothing, or the files of one folder.
#[derive(Default)]
pub(crate) struct Storage {
    /// By their paths in there.
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Storage {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut storage = Self::default();
        storage.collect(folder, Path::new(""))?;
        Ok(storage)
    }

    fn collect(&mut self, root: &Path, below: &Path) -> Result<()> {
        let folder = root.join(below);
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                self.collect(root, &path)?;
            } else {
                self.files.push((path, fs::read(entry.path())?));
            }
        }
        Ok(())
    }

    /// Makes the folder, too.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        for (path, content) in &self.files {
            let file = folder.join(path);
            fs::create_dir_all(file.parent().context("a file has a folder")?)?;
            fs::write(file, content)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_storage_is_written_as_it_was_read() {
        let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        fs::create_dir_all(one.path().join("object")).unwrap();
        fs::write(one.path().join("object/x.sqlite"), [0, 159, 146]).unwrap();
        fs::write(one.path().join("y"), "").unwrap();
        Storage::read(one.path()).unwrap().write(&other.path().join("new")).unwrap();
        assert_eq!(fs::read(other.path().join("new/object/x.sqlite")).unwrap(), [0, 159, 146]);
        assert!(other.path().join("new/y").is_file());
    }

    #[test]
    fn a_storage_of_nothing_is_an_empty_folder() {
        let folder = TempDir::new().unwrap();
        Storage::default().write(&folder.path().join("new")).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
        assert!(Storage::read(&folder.path().join("missing")).is_err());
    }
}
