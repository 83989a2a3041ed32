//! Futures in boxes, and one that has a deadline.

use std::{future::poll_fn, pin::Pin, task::Poll};

/// A future in a box.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Waits for a future, but not longer than for the `deadline`. `None` when that was first.
///
/// A deadline that came must not be waited for again.
pub(crate) async fn until<T>(
    deadline: &mut BoxFuture<'_, ()>,
    work: &mut BoxFuture<'_, T>,
) -> Option<T> {
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        deadline.as_mut().poll(context).map(|()| None)
    })
    .await
}
