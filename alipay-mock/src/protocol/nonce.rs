//! Nonces: new ones for responses, and those of requests, which cannot be sent twice.

use std::collections::{HashSet, VecDeque};
use std::io;

/// How many nonces are remembered at most; the oldest go first.
const CAPACITY: usize = 200_000;

/// Fills `bytes` from the system's random generator.
pub(crate) fn random(bytes: &mut [u8]) -> io::Result<()> {
    let error = |_| io::Error::other("the system gives no random bytes");
    aws_lc_rs::rand::fill(bytes).map_err(error)
}

/// 32 random hexadecimal digits.
pub(crate) fn random_hex() -> io::Result<String> {
    let mut bytes = [0; 16];
    random(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// The nonces of accepted requests whose timestamp could still be accepted.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    known: HashSet<[u8; 16]>,
    by_age: VecDeque<(i64, [u8; 16])>,
}

impl Nonces {
    /// Remembers a nonce until `until_millis`; false when it is known already.
    pub(crate) fn insert(&mut self, nonce: &str, now_millis: i64, until_millis: i64) -> bool {
        while self
            .by_age
            .front()
            .is_some_and(|(until, _)| *until < now_millis || self.by_age.len() >= CAPACITY)
        {
            if let Some((_, oldest)) = self.by_age.pop_front() {
                self.known.remove(&oldest);
            }
        }
        let key = digest(nonce);
        if !self.known.insert(key) {
            return false;
        }
        self.by_age.push_back((until_millis, key));
        true
    }
}

/// Half a SHA-256: short enough to keep many, long enough never to collide.
fn digest(nonce: &str) -> [u8; 16] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, nonce.as_bytes());
    let mut key = [0; 16];
    for (to, from) in key.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_repeat_until_it_is_too_old_to_matter() {
        let mut nonces = Nonces::default();
        assert!(nonces.insert("a", 0, 10));
        assert!(!nonces.insert("a", 10, 20));
        assert!(nonces.insert("b", 5, 15));
        assert!(nonces.insert("a", 11, 21));
    }

    #[test]
    fn memory_is_bounded() {
        let mut nonces = Nonces::default();
        for number in 0..CAPACITY + 5 {
            assert!(nonces.insert(&number.to_string(), 0, 10));
        }
        assert_eq!(nonces.known.len(), CAPACITY);
        assert_eq!(nonces.by_age.len(), CAPACITY);
    }
}
