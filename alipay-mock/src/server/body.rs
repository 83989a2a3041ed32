//! Response bodies that arrive slowly, in part or not at all.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use crate::protocol::response::Pace;

/// The number of pieces of a body that is sent slowly.
const PIECES: usize = 20;
/// Long enough for what was written so far to be sent.
const MOMENT: Duration = Duration::from_millis(50);

/// The connection is to be closed without a response.
#[derive(Debug, thiserror::Error)]
#[error("the gateway closes the connection on purpose")]
pub(crate) struct Closed;

#[derive(Debug)]
enum Step {
    Send(Bytes),
    Wait(Duration),
    /// The body ends early.
    Break,
}

/// A body, sent step by step.
#[derive(Debug)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    sleep: Option<Pin<Box<Sleep>>>,
    /// The rest of the length that the headers announce.
    left: u64,
    /// Set when the connection is to be reset.
    reset: Option<Arc<AtomicBool>>,
}

impl Script {
    pub(super) fn whole(body: Bytes) -> Self {
        let left = size(&body);
        let steps = if body.is_empty() { VecDeque::new() } else { [Step::Send(body)].into() };
        Self { steps, sleep: None, left, reset: None }
    }

    pub(super) fn new(body: Bytes, pace: Pace, reset: Arc<AtomicBool>) -> Self {
        let left = size(&body);
        let steps = match pace {
            Pace::Whole => return Self::whole(body),
            Pace::Drip(time) => drip(&body, time),
            Pace::Half => {
                let half = body.slice(..body.len() / 2);
                [Step::Send(half), Step::Wait(MOMENT), Step::Break].into()
            }
            Pace::Reset => [Step::Wait(MOMENT), Step::Break].into(),
        };
        // Without a body the response would end with its headers.
        let left = left.max(1);
        Self { steps, sleep: None, left, reset: (pace == Pace::Reset).then_some(reset) }
    }
}

fn drip(body: &Bytes, time: Duration) -> VecDeque<Step> {
    let length = body.len().div_ceil(PIECES).max(1);
    let mut steps = VecDeque::new();
    let mut rest = body.clone();
    let count = u32::try_from(body.len().div_ceil(length)).unwrap_or(1).max(1);
    while !rest.is_empty() {
        steps.push_back(Step::Wait(time / count));
        steps.push_back(Step::Send(rest.split_to(length.min(rest.len()))));
    }
    steps
}

fn size(body: &Bytes) -> u64 {
    u64::try_from(body.len()).unwrap_or(u64::MAX)
}

impl Body for Script {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        loop {
            if let Some(sleep) = &mut self.sleep {
                std::task::ready!(sleep.as_mut().poll(context));
                self.sleep = None;
            }
            match self.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Wait(time)) => {
                    self.sleep = Some(Box::pin(tokio::time::sleep(time)));
                }
                Some(Step::Send(bytes)) => {
                    self.left = self.left.saturating_sub(size(&bytes));
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Step::Break) => {
                    if let Some(reset) = &self.reset {
                        reset.store(true, Ordering::SeqCst);
                    }
                    return Poll::Ready(Some(Err(Closed)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
