//! Answers that were used, so that none is used twice.

use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher as _,
    mem,
    sync::{Mutex, PoisonError},
};

/// The answers a client has used last.
///
/// What is compared is the whole text that was signed, by a hash with a key of its own. The nonce is
/// in it, so a copy is found as surely as by the nonce alone; but it does not rest on Alipay's
/// drawing no nonce twice, which would otherwise make a good answer to a payment look forged. That
/// two of 200,000 hashes of 64 bits are equal is as likely as one call in 10^14 being refused.
pub(crate) struct Used {
    /// How many of the last answers are known at least; 0 for none at all.
    limit: usize,
    key: RandomState,
    hashes: Mutex<Hashes>,
}

/// In two halves: when the newer one is full, the older one is forgotten. So each answer costs the
/// same, and needs no memory of its own.
#[derive(Default)]
struct Hashes {
    newer: HashSet<u64>,
    older: HashSet<u64>,
}

impl Used {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, key: RandomState::new(), hashes: Mutex::default() }
    }

    /// Notes that an answer is used. `false` when it was before.
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
    fn an_answer_is_all_that_was_signed() {
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
