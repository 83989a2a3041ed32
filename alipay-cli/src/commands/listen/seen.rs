//! Which events have come before.

use std::collections::{HashMap, VecDeque};

/// How many events are remembered; the oldest are forgotten first.
const CAPACITY: usize = 10_000;

/// The events so far, by their ids.
#[derive(Debug, Default)]
pub(super) struct Seen {
    counts: HashMap<String, u64>,
    order: VecDeque<String>,
}

impl Seen {
    /// Notes a delivery of an event. Says which one it is, from 1.
    pub(super) fn note(&mut self, id: &str) -> u64 {
        if let Some(count) = self.counts.get_mut(id) {
            *count += 1;
            return *count;
        }
        if self.order.len() >= CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.counts.remove(&oldest);
        }
        self.order.push_back(id.to_owned());
        self.counts.insert(id.to_owned(), 1);
        1
    }
}
