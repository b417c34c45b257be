//! Links whose live views are there: what such a view needs goes by its link, also when that starts no connection any
//! more.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

/// Tokens of links whose live views are there, with how many there are.
#[derive(Debug, Default)]
pub(crate) struct LinksInUse(Mutex<HashMap<String, usize>>);

impl LinksInUse {
    /// A live view is there until the answer is dropped.
    pub(crate) fn add(self: &Arc<Self>, jwt: String) -> InUse {
        *self.counts().entry(jwt.clone()).or_default() += 1;
        InUse { all: Arc::clone(self), jwt }
    }

    pub(crate) fn contains(&self, jwt: &str) -> bool {
        self.counts().contains_key(jwt)
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().expect("nobody panics while holding it")
    }
}

/// A live view is there while this lives.
#[derive(Debug)]
pub(crate) struct InUse {
    all: Arc<LinksInUse>,
    jwt: String,
}

impl Drop for InUse {
    fn drop(&mut self) {
        let mut counts = self.all.counts();
        if let Some(count) = counts.get_mut(&self.jwt) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.jwt);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_in_use_until_its_last_view_has_gone() {
        let links = Arc::new(LinksInUse::default());
        let (first, second) = (links.add("a".to_owned()), links.add("a".to_owned()));
        drop(first);
        assert!(links.contains("a") && !links.contains("b"));
        drop(second);
        assert!(!links.contains("a"));
    }
}
