//! What a run has counted, by name.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

#[derive(Default)]
pub(crate) struct Tally(Mutex<BTreeMap<String, u64>>);

impl Tally {
    pub(crate) fn add(&self, what: impl Into<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(what.into()).or_default() += 1;
    }

    /// All counts whose names begin with this.
    pub(crate) fn sum(&self, beginning: &str) -> u64 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().filter(|(what, _)| what.starts_with(beginning)).map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().try_for_each(|(what, count)| writeln!(f, "  {count:>9}  {what}"))
    }
}
