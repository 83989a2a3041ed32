//! The messages that a service has sent.

use std::collections::VecDeque;

use crate::protocol::message::Notice;

/// How many messages are kept. The oldest are dropped first.
const CAPACITY: usize = 10_000;

#[derive(Default)]
pub(crate) struct Outbox {
    notices: VecDeque<Notice>,
    /// The messages that are still to be delivered; `None` if nothing is delivered.
    undelivered: Option<VecDeque<Notice>>,
}

impl Outbox {
    /// Keeps messages for delivery from now on.
    pub(crate) fn deliver(&mut self) {
        self.undelivered.get_or_insert_default();
    }

    /// Takes messages that are to be delivered, oldest first, at most `most`.
    pub(crate) fn take_undelivered(&mut self, most: usize) -> Vec<Notice> {
        let take = |queue: &mut VecDeque<Notice>| queue.drain(..queue.len().min(most)).collect();
        self.undelivered.as_mut().map(take).unwrap_or_default()
    }

    /// All messages that wait, oldest first.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.notices.iter().cloned().collect()
    }

    /// The newest messages that wait, newest first.
    pub(crate) fn newest(&self, most: usize) -> Vec<Notice> {
        self.notices.iter().rev().take(most).cloned().collect()
    }

    /// Takes all messages that wait, oldest first.
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices).into()
    }

    pub(crate) fn push(&mut self, notice: &Notice) {
        for queue in self.undelivered.iter_mut().chain([&mut self.notices]) {
            if queue.len() >= CAPACITY {
                queue.pop_front();
            }
            queue.push_back(notice.clone());
        }
    }
}
