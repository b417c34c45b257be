//! What is to be measured: `cargo xtask bench` reads the command line and prepares the files.

use std::path::PathBuf;

use serde::Deserialize;

use crate::{place::Place, row::Row};

/// One of the commands.
#[derive(Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub(crate) enum Settings {
    /// `cargo xtask bench`
    Clicks(Clicks),
    /// `cargo xtask bench profile`
    Profile(Profile),
    /// `cargo xtask bench scale`
    Scale(Scale),
    /// `cargo xtask bench serve`
    Serve(Serve),
    /// `cargo xtask bench local`
    Local(Local),
}

#[derive(Deserialize)]
pub(crate) struct Clicks {
    #[serde(flatten)]
    pub(crate) place: Place,
    pub(crate) rows: Vec<Row>,
    pub(crate) rounds: usize,
    /// Clicks before the measurement begins: engines compile what is called often.
    pub(crate) warm_up_ms: u64,
    pub(crate) measured_ms: u64,
    /// How often at most a sample is taken that other programs disturb.
    pub(crate) attempts: usize,
    /// JSON with every round instead of tables.
    pub(crate) json: bool,
}

#[derive(Deserialize)]
pub(crate) struct Profile {
    #[serde(flatten)]
    pub(crate) place: Place,
    pub(crate) row: Row,
    pub(crate) connections: usize,
    pub(crate) warm_up_ms: u64,
    pub(crate) measured_ms: u64,
    /// Where the profile goes: a `.cpuprofile`, for DevTools and editors.
    pub(crate) file: PathBuf,
}

#[derive(Deserialize)]
pub(crate) struct Scale {
    #[serde(flatten)]
    pub(crate) place: Place,
    /// How many ended sessions the ledgers hold.
    pub(crate) rows: Vec<usize>,
    /// How many sessions of others the accounts' lists hold.
    pub(crate) foreign: Vec<usize>,
    pub(crate) rounds: usize,
    /// How often a round starts every workerd.
    pub(crate) restarts: usize,
    /// Turns of a round, before those that count and that count.
    pub(crate) warm_up_turns: usize,
    pub(crate) turns: usize,
    /// Of each measurement at saturation.
    pub(crate) warm_up_ms: u64,
    pub(crate) measured_ms: u64,
    /// JSON with every sample instead of tables.
    pub(crate) json: bool,
}

#[derive(Deserialize)]
pub(crate) struct Serve {
    #[serde(flatten)]
    pub(crate) place: Place,
    pub(crate) row: Row,
}

#[derive(Deserialize)]
pub(crate) struct Local {
    /// browser-run-local, as it is released.
    pub(crate) program: PathBuf,
    /// rrweb's recorder.
    pub(crate) rrweb: PathBuf,
    /// For the browsers' profiles.
    pub(crate) scratch: PathBuf,
    /// How often a session is acquired, cold and warm.
    pub(crate) starts: usize,
    /// How often either side has its turn.
    pub(crate) blocks: usize,
    /// How many round trips a turn has.
    pub(crate) block: usize,
    pub(crate) long_answers: usize,
    /// How often a page is loaded, recorded and not.
    pub(crate) loads: usize,
    /// What recording costs, and nothing else.
    pub(crate) recording_only: bool,
    /// JSON with every value instead of a table.
    pub(crate) json: bool,
}
