//! How long everything on a click's way may take, each derived from what it is made of.

/// How long starting a browser may take: 2–4 s there, more when it is busy.
pub(crate) const ACQUIRE_MS: u32 = 30_000;
/// How long any other call of Browser Run may take.
pub(crate) const CALL_MS: u32 = 10_000;
/// How long the ledger may take, except where a click waits in it for another.
pub(crate) const LEDGER_MS: u32 = 10_000;

/// A tab, and the link to it where its own does not do. The session is recorded meanwhile.
const TAB_MS: u32 = CALL_MS + CALL_MS;
/// Closing a session: the ledger marks it, and is told.
const CLOSE_MS: u32 = LEDGER_MS + CALL_MS + LEDGER_MS;
/// The longest that the ledger hears nothing of a click in flight: its new session vanishes with its tab, is closed, and
/// another is acquired and recorded.
const SILENCE_MS: u32 = TAB_MS + CLOSE_MS + ACQUIRE_MS + LEDGER_MS;

/// For how long the same click waits for one of which the ledger hears nothing.
pub(crate) const CLICK_MS: u64 = SILENCE_MS as u64 + 5_000;
/// How long a click waits in the ledger for others at the most: one is heard of a few times, and then it is over.
pub(crate) const WAITING_CLICK_MS: u32 = 4 * SILENCE_MS;
