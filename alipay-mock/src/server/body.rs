//! Response bodies that arrive slowly, in part or not at all.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use super::places::Serving;
use crate::protocol::response::Pace;

const PIECES: usize = 20;
/// Long enough for what was written so far to be sent.
const MOMENT: Duration = Duration::from_millis(50);

/// The connection is to be closed without a response.
#[derive(Debug, thiserror::Error)]
#[error("the gateway closes the connection on purpose")]
pub(crate) struct Closed;

pub(super) type SentBody = UnsyncBoxBody<Bytes, Closed>;

enum Step {
    Send(Bytes),
    Wait(Duration),
    /// The body ends early.
    Break,
}

/// All of a body at once.
pub(super) fn whole(body: Bytes) -> SentBody {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}

/// The same for a large body, with the permit for it, which is given back when all is sent.
pub(super) fn large(body: Bytes, permit: OwnedSemaphorePermit) -> SentBody {
    whole(Bytes::from_owner(Large { body, _permit: permit }))
}

struct Large {
    body: Bytes,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Large {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

/// A body whose connection does not wait for a request while it is sent.
pub(super) fn kept(body: SentBody, serving: Serving) -> SentBody {
    Kept { body, _serving: serving }.boxed_unsync()
}

struct Kept {
    body: SentBody,
    _serving: Serving,
}

impl Body for Kept {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        Pin::new(&mut self.body).poll_frame(task)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body at its pace. `reset` is set when the connection is to be reset.
pub(super) fn paced(body: Bytes, pace: Pace, reset: &Arc<AtomicBool>) -> SentBody {
    let steps = match pace {
        Pace::Whole => return whole(body),
        Pace::Drip(_) if body.is_empty() => return whole(body),
        Pace::Drip(time) => drip(body, time),
        Pace::Half => {
            let half = body.slice(..body.len() / 2);
            [Step::Send(half), Step::Wait(MOMENT), Step::Break].into()
        }
        Pace::Reset => [Step::Wait(MOMENT), Step::Break].into(),
    };
    let reset = (pace == Pace::Reset).then(|| Arc::clone(reset));
    let frames = stream::unfold((steps, reset), |(mut steps, reset)| async {
        loop {
            match steps.pop_front()? {
                Step::Wait(time) => tokio::time::sleep(time).await,
                Step::Send(bytes) => return Some((Ok(Frame::data(bytes)), (steps, reset))),
                Step::Break => {
                    if let Some(reset) = &reset {
                        reset.store(true, Ordering::SeqCst);
                    }
                    return Some((Err(Closed), (steps, reset)));
                }
            }
        }
    });
    StreamBody::new(frames).boxed_unsync()
}

fn drip(mut body: Bytes, time: Duration) -> VecDeque<Step> {
    let length = body.len().div_ceil(PIECES).max(1);
    let count = u32::try_from(body.len().div_ceil(length)).unwrap_or(1).max(1);
    let mut steps = VecDeque::new();
    while !body.is_empty() {
        steps.push_back(Step::Wait(time / count));
        steps.push_back(Step::Send(body.split_to(length.min(body.len()))));
    }
    steps
}
