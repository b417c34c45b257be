//! Where the programs are that are measured.

use std::path::PathBuf;

use serde::Deserialize;

/// Where the programs are.
#[derive(Deserialize)]
pub(crate) struct Place {
    /// The project's root.
    pub(crate) root: PathBuf,
    /// A folder with the Worker under test: `index.js` and whatever it imports.
    pub(crate) worker: PathBuf,
    /// A folder with one such folder for each comparator.
    pub(crate) comparators: PathBuf,
    /// For what workerd stores, on disk.
    pub(crate) scratch: PathBuf,
}
