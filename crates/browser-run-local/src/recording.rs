//! Recordings: what happened in a session's pages, as rrweb's recorder tells it, and what they loaded.
//!
//! - `recordings`: the folder of all recordings: what is kept, for how long, and how much of it
//! - `room`: how much disk they take
//! - `recorder`: the server's own connection to a Chromium whose pages are recorded
//! - `openings`: the pages that it opens, so that their first requests are recorded, too
//! - `pages`: which page each of its CDP sessions belongs to, and what each is told first, pure
//! - `script`: what runs in each document, pure
//! - `said`: a message of Chromium's, pure
//! - `requests`: the requests of all pages, and what waits while a page is loaded, pure
//! - `network`: a page's requests, put together from CDP's events, pure
//! - `exchange`: one request with its response, as the API shows it, pure
//! - `timing`: where a request's time went, pure
//! - `har`: the same as HTTP Archive (HAR) 1.2, pure
//! - `files`: a recording's files while it is made
//! - `finish`: what becomes of them when the session has ended
//! - `kept`: a recording that can be read, and how it is sent

mod exchange;
mod files;
mod finish;
mod har;
pub(crate) mod kept;
mod network;
pub(crate) mod openings;
mod pages;
mod recorder;
pub(crate) mod recordings;
mod requests;
mod room;
mod said;
mod script;
mod timing;

use crate::clock::Millis;

/// A session that ended sooner leaves no recording.
const SHORTEST_MS: Millis = 1_000;
/// What happens later in a session is not recorded.
const LONGEST_MS: Millis = 2 * 60 * 60 * 1_000;
/// For how long recordings are kept after their session's end.
const KEPT_FOR_MS: Millis = 30 * 24 * 60 * 60 * 1_000;
/// Bodies up to this size are kept.
const SMALL: u64 = 64 * 1024;
