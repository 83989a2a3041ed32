//! Futures in boxes, and one that has a deadline.

use std::{future::poll_fn, pin::Pin, task::Poll};

/// A future in a box.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Waits for a future, but not longer than for the `deadline`. `None` when that was first.
///
/// Where both come together, the work counts: a deadline also comes when its runtime ends, which the work
/// explains. A deadline that has come stays, and may be waited for again.
pub(crate) async fn until<T>(
    deadline: &mut BoxFuture<'_, ()>,
    work: &mut BoxFuture<'_, T>,
) -> Option<T> {
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        if deadline.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        *deadline = Box::pin(poll_fn(|_| Poll::Ready(())));
        match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => Poll::Ready(None),
        }
    })
    .await
}
