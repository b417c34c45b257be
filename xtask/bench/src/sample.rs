//! What is measured: one row under one load, and what a round found of it.

use serde::Serialize;

use crate::row::Row;

/// The loads: so many callers at once.
pub(crate) const CONNECTIONS: [usize; 3] = [1, 16, 64];

/// Of the machine: more of it for other programs shows in what is measured.
pub(crate) const DISTURBED: f64 = 0.05;

/// One row under one load.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Cell {
    pub(crate) row: Row,
    /// 0: the stand-in answers at once.
    pub(crate) upstream_ms: u64,
    pub(crate) connections: usize,
}

/// What one round found of it.
#[derive(Clone, Serialize)]
pub(crate) struct Sample {
    #[serde(flatten)]
    pub(crate) cell: Cell,
    pub(crate) clicks_per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// This and the next two are the Worker's: `null` in JSON where there is none.
    pub(crate) cpu_ms_per_click: f64,
    pub(crate) memory_mib: f64,
    /// From the process's start until the first click was answered.
    pub(crate) first_answer_ms: f64,
    /// How much of the machine other programs had meanwhile: 1 is all of it.
    pub(crate) others: f64,
}
