//! The rules' numbers: when sessions are closed, what is remembered of them, and how many there may be.

/// What an operator can set of them. Each field names its variable and its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// `MAX_SESSION_MINUTES` (60): no session of ours gets older.
    pub(crate) max_session_ms: u64,
    /// `IDLE_MINUTES` (10): how long a session of ours may be unused.
    pub(crate) idle_ms: u64,
    /// `COALESCE_SECONDS` (10): for how long the same click again is the same tab.
    pub(crate) coalesce_ms: u64,
    /// `MAX_TABS` (8): how many tabs of ours one session holds.
    pub(crate) max_tabs: usize,
    /// `HISTORY_DAYS` (30): how long ended sessions are remembered.
    pub(crate) history_ms: u64,
    /// `SWEEP_BUDGET` (40): upstream calls one clean-up may make.
    pub(crate) sweep_budget: usize,
    /// `MAX_SESSIONS_PER_CALLER` (3): how many sessions one caller has open.
    pub(crate) max_sessions_per_caller: usize,
    /// `MAX_OPENS_PER_MINUTE` (10): how many pages one caller opens within a minute.
    pub(crate) max_opens_per_minute: usize,
    /// `MAX_BROWSER_MINUTES_PER_DAY` (none): how long browsers run on one UTC day, all together.
    pub(crate) max_browser_ms_per_day: Option<u64>,
}

#[cfg(test)]
impl Policy {
    /// The defaults.
    pub(crate) const fn for_tests() -> Self {
        Self {
            max_session_ms: 60 * 60_000,
            idle_ms: 10 * 60_000,
            coalesce_ms: 10_000,
            max_tabs: 8,
            history_ms: 30 * 24 * 60 * 60_000,
            sweep_budget: 40,
            max_sessions_per_caller: 3,
            max_opens_per_minute: 10,
            max_browser_ms_per_day: None,
        }
    }
}
