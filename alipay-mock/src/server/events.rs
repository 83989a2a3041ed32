//! Server-sent events, which tell the page that something has changed. What has changed, the page asks for itself, so that
//! nothing is kept for a listener.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::body::{Closed, SentBody};

/// The shortest time between two events.
const PAUSE: Duration = Duration::from_millis(250);
/// How long nothing is sent at most, so that a listener that is gone is noticed.
const SILENCE: Duration = Duration::from_secs(15);
/// After how many milliseconds a browser connects again.
const RETRY: u32 = 1000;

/// What ends the events: the gateway's end, or a port that is closed.
pub(super) struct Ends {
    pub(super) stop: watch::Receiver<bool>,
    pub(super) open: watch::Receiver<bool>,
}

struct Events {
    changes: watch::Receiver<u64>,
    /// The name of the state after a number of changes.
    version: Box<dyn Fn(u64) -> String + Send>,
    ends: Ends,
    is_first: bool,
}

/// A body that says at once, and after each change, which state the page is to show.
pub(super) fn body(
    changes: watch::Receiver<u64>,
    version: impl Fn(u64) -> String + Send + 'static,
    ends: Ends,
) -> SentBody {
    let events = Events { changes, version: Box::new(version), ends, is_first: true };
    let frames = stream::unfold(events, |mut events| async {
        let text = events.next().await?;
        let frame: Result<_, Closed> = Ok(Frame::data(Bytes::from(text)));
        Some((frame, events))
    });
    StreamBody::new(frames).boxed_unsync()
}

impl Events {
    async fn next(&mut self) -> Option<String> {
        if std::mem::take(&mut self.is_first) {
            return Some(format!("retry: {RETRY}\n{}", self.event()));
        }
        let has_changed = {
            let change = async {
                sleep(PAUSE).await;
                timeout(SILENCE, self.changes.changed()).await
            };
            tokio::select! {
                changed = change => changed,
                _ = self.ends.stop.wait_for(|stopped| *stopped) => return None,
                _ = self.ends.open.wait_for(|open| !*open) => return None,
            }
        };
        match has_changed {
            Ok(Ok(())) => Some(self.event()),
            Ok(Err(_)) => None,
            // A comment.
            Err(_) => Some(":\n\n".to_owned()),
        }
    }

    fn event(&mut self) -> String {
        let changes = *self.changes.borrow_and_update();
        format!("data: {}\n\n", (self.version)(changes))
    }
}
