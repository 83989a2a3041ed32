//! Responses that were used, so that none is used twice.

use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher as _,
    mem,
    sync::{Mutex, PoisonError},
};

/// The responses a client has used last.
///
/// The whole string that was signed is compared, by a keyed hash. It contains the nonce, so a copy is
/// always found. Comparing nonces alone would refuse a genuine response if Alipay ever used a nonce
/// twice. With 200,000 hashes of 64 bits, one call in 10^14 is refused because two hashes are equal.
pub(crate) struct Used {
    /// At least so many of the last responses are remembered; 0 for none.
    limit: usize,
    key: RandomState,
    hashes: Mutex<Hashes>,
}

/// Two halves: when the newer one is full, the older one is forgotten. So remembering a response
/// always costs the same, and memory is bounded.
#[derive(Default)]
struct Hashes {
    newer: HashSet<u64>,
    older: HashSet<u64>,
}

impl Used {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, key: RandomState::new(), hashes: Mutex::default() }
    }

    /// Remembers that a response is used. `false` if it was used before.
    pub(crate) fn note(&self, timestamp: &str, nonce: &str, body: &[u8]) -> bool {
        if self.limit == 0 {
            return true;
        }
        let hash = self.key.hash_one((timestamp, nonce, body));
        // A panic cannot leave the halves in a state that is worse than any other.
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        let Hashes { newer, older } = &mut *hashes;
        if older.contains(&hash) || !newer.insert(hash) {
            return false;
        }
        if newer.len() >= self.limit {
            mem::swap(newer, older);
            newer.clear();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Used;

    #[test]
    fn the_last_are_known_and_memory_is_bounded() {
        let used = Used::new(10);
        let note = |number: usize| used.note(&number.to_string(), "n", b"{}");
        for number in 0..1000 {
            assert!(note(number), "{number}");
            for last in number.saturating_sub(9)..=number {
                assert!(!note(last), "{last} after {number}");
            }
        }
        let hashes = used.hashes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        assert!(hashes.newer.len() + hashes.older.len() <= 20);
        assert!(hashes.newer.capacity() + hashes.older.capacity() < 100);
    }

    #[test]
    fn a_response_is_all_that_was_signed() {
        let used = Used::new(10);
        for (timestamp, nonce, body) in [
            ("1", "n", "{}"),
            ("2", "n", "{}"),
            ("1", "m", "{}"),
            ("1", "n", "[]"),
            ("1n", "", "{}"),
        ] {
            assert!(used.note(timestamp, nonce, body.as_bytes()));
        }
        assert!(!used.note("1", "n", b"{}"));
        let forgetful = Used::new(0);
        assert!(forgetful.note("1", "n", b"{}") && forgetful.note("1", "n", b"{}"));
    }
}
