//! A Cloudflare Access team's keys: which are known, when they are fetched, and what an unknown one means. Pure.

use lean_json::FromJson;

/// After a fetch that succeeded the keys are not asked for more often, whatever key ids are sent.
const PAUSE_MS: u64 = 60_000;
/// After a fetch that failed, and twice as long after each further one, up to `MAX_RETRY_MS`.
const FIRST_RETRY_MS: u64 = 1_000;
const MAX_RETRY_MS: u64 = 16_000;
/// After this the keys are asked for again, so that a withdrawn one stops counting.
const LIVE_MS: u64 = 60 * 60_000;
/// How long a fetch may take.
pub const FETCH_DEADLINE_MS: u32 = 5_000;
/// For how long a fetch is waited for. A little longer: the request that began it may have ended before it did.
pub const WAIT_MS: u64 = FETCH_DEADLINE_MS as u64 + 1_000;

/// What a team's keys are read as.
#[derive(Debug, FromJson)]
pub struct KeySet {
    /// All of them: each may sign.
    pub keys: Vec<Key>,
}

/// A public key, as a JSON Web Key has it: RSA's, as far as it is one.
#[derive(Debug, Clone, PartialEq, Eq, FromJson)]
pub struct Key {
    kid: Option<String>,
    /// Its modulus in base64url.
    pub n: Option<String>,
    /// Its exponent in base64url.
    pub e: Option<String>,
}

/// The team's keys as they were last read, and how reading them goes.
#[derive(Debug, Default)]
pub struct KeyCache {
    keys: Vec<Key>,
    read_at_ms: u64,
    /// Since the last one that succeeded.
    failed_fetches: u32,
    next_fetch_at_ms: u64,
    fetching_since_ms: Option<u64>,
}

/// What has to be done before a key is looked up.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// To look it up.
    LookUp,
    /// To begin a fetch: nobody else does.
    Fetch,
    /// To wait for the fetch that is under way.
    Wait,
}

/// Why there is no key.
#[derive(Debug, PartialEq, Eq)]
pub enum NoKey {
    /// The team has none of this id.
    Unknown,
    /// It is not known which ones the team has.
    Unavailable {
        /// When it may be.
        retry_after_seconds: u64,
    },
}

impl KeyCache {
    /// What to do first for a key of this id. Who is told to fetch has begun it.
    pub fn step(&mut self, key_id: &str, now_ms: u64) -> Step {
        if self.get(key_id).is_some() && now_ms < self.read_at_ms + LIVE_MS {
            return Step::LookUp;
        }
        if self.fetching_since_ms.is_some_and(|since_ms| now_ms < since_ms + WAIT_MS) {
            return Step::Wait;
        }
        if now_ms < self.next_fetch_at_ms {
            return Step::LookUp;
        }
        self.fetching_since_ms = Some(now_ms);
        Step::Fetch
    }

    /// A fetch has ended. Keys that were good stay so while it fails.
    pub fn fetched(&mut self, keys: Option<Vec<Key>>, now_ms: u64) {
        self.fetching_since_ms = None;
        if let Some(keys) = keys {
            (self.keys, self.read_at_ms, self.failed_fetches) = (keys, now_ms, 0);
            self.next_fetch_at_ms = now_ms + PAUSE_MS;
        } else {
            let retry_ms = FIRST_RETRY_MS << self.failed_fetches.min(10);
            self.failed_fetches += 1;
            self.next_fetch_at_ms = now_ms + retry_ms.min(MAX_RETRY_MS);
        }
    }

    /// The key of this id, after its step.
    ///
    /// # Errors
    /// Why there is none.
    pub fn look_up(&self, key_id: &str, now_ms: u64) -> Result<Key, NoKey> {
        if let Some(key) = self.get(key_id) {
            return Ok(key.clone());
        }
        if self.failed_fetches == 0 && self.fetching_since_ms.is_none() {
            return Err(NoKey::Unknown);
        }
        let retry_after_ms = self.next_fetch_at_ms.saturating_sub(now_ms).max(FIRST_RETRY_MS);
        Err(NoKey::Unavailable { retry_after_seconds: retry_after_ms.div_ceil(1_000) })
    }

    fn get(&self, key_id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid.as_deref() == Some(key_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(ids: &[&str]) -> Option<Vec<Key>> {
        Some(ids.iter().map(|id| Key { kid: Some((*id).to_owned()), n: None, e: None }).collect())
    }

    #[test]
    fn who_comes_while_the_keys_are_fetched_waits_for_that_fetch() {
        let mut cache = KeyCache::default();
        assert_eq!(cache.step("k1", 1), Step::Fetch);
        assert_eq!([cache.step("k1", 1), cache.step("other", 2)], [Step::Wait, Step::Wait]);
        cache.fetched(keys(&["k1"]), 900);
        assert_eq!(cache.step("k1", 900), Step::LookUp);
        assert!(cache.look_up("k1", 900).is_ok());
        assert_eq!(cache.look_up("other", 900), Err(NoKey::Unknown));
    }

    #[test]
    fn a_fetch_whose_request_has_ended_is_not_waited_for_for_ever() {
        let mut cache = KeyCache::default();
        assert_eq!(cache.step("k1", 0), Step::Fetch);
        assert_eq!(cache.step("k1", 5_999), Step::Wait);
        assert_eq!(cache.look_up("k1", 5_999), Err(NoKey::Unavailable { retry_after_seconds: 1 }));
        assert_eq!(cache.step("k1", 6_000), Step::Fetch);
    }

    #[test]
    fn unknown_ids_have_the_keys_fetched_once_a_minute() {
        let mut cache = KeyCache::default();
        cache.fetched(keys(&["k1"]), 1_000);
        assert_eq!(cache.step("k2", 60_999), Step::LookUp);
        assert_eq!(cache.look_up("k2", 60_999), Err(NoKey::Unknown));
        assert_eq!(cache.step("k2", 61_000), Step::Fetch);
        assert_eq!(cache.step("k1", 61_000), Step::LookUp, "a known one waits for nothing");
    }

    #[test]
    fn a_failed_fetch_refuses_nobody_for_long() {
        let mut cache = KeyCache::default();
        let mut now_ms = 0;
        for pause_ms in [1_000, 2_000, 4_000, 8_000, 16_000, 16_000] {
            assert_eq!(cache.step("k1", now_ms), Step::Fetch);
            cache.fetched(None, now_ms);
            assert_eq!(cache.step("k1", now_ms + pause_ms - 1), Step::LookUp);
            let retry_after_seconds = pause_ms / 1_000;
            assert_eq!(cache.look_up("k1", now_ms), Err(NoKey::Unavailable { retry_after_seconds }));
            now_ms += pause_ms;
        }
        assert_eq!(cache.step("k1", now_ms), Step::Fetch);
        cache.fetched(keys(&["k1"]), now_ms);
        assert!(cache.look_up("k1", now_ms).is_ok());
    }

    #[test]
    fn keys_that_were_good_stay_good_while_fetching_them_fails() {
        let mut cache = KeyCache::default();
        cache.fetched(keys(&["k1"]), 0);
        assert_eq!(cache.step("k1", LIVE_MS - 1), Step::LookUp);
        assert_eq!(cache.step("k1", LIVE_MS), Step::Fetch);
        cache.fetched(None, LIVE_MS);
        assert_eq!(cache.step("k1", LIVE_MS), Step::LookUp);
        assert!(cache.look_up("k1", LIVE_MS).is_ok());
        let unknown = cache.look_up("k2", LIVE_MS);
        assert_eq!(unknown, Err(NoKey::Unavailable { retry_after_seconds: 1 }), "it may be a new one");
        assert_eq!(cache.step("k1", LIVE_MS + FIRST_RETRY_MS), Step::Fetch);
        cache.fetched(keys(&["k2"]), LIVE_MS + FIRST_RETRY_MS);
        assert_eq!(cache.look_up("k1", LIVE_MS + FIRST_RETRY_MS), Err(NoKey::Unknown), "it was withdrawn");
    }
}
