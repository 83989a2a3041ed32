//! Whether new connections are accepted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long a port that was given up is asked for again.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);

/// The gateway's listener: open, it accepts connections; closed, the system refuses them.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    wanted: Arc<watch::Sender<bool>>,
    is_open: Arc<watch::Sender<bool>>,
}

impl Listener {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let open = || Arc::new(watch::channel(true).0);
        Self { address, wanted: open(), is_open: open() }
    }

    /// Sees every opening and closing.
    pub(crate) fn subscribe(&self) -> watch::Receiver<bool> {
        self.wanted.subscribe()
    }

    /// Opens or closes, and waits until it is done.
    pub(crate) async fn set(&self, open: bool) {
        let mut is_open = self.is_open.subscribe();
        self.wanted.send_replace(open);
        // The server may be gone; then there is nothing to wait for.
        let _ = tokio::time::timeout(PAUSE * TRIES, is_open.wait_for(|now| *now == open)).await;
    }

    /// Closes now and opens after this time.
    pub(crate) async fn close_for(&self, time: Duration) {
        self.set(false).await;
        let listener = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            listener.set(true).await;
        });
    }

    /// Resolves when it is to be opened or closed; what it is to be.
    pub(super) async fn wanted(&self, is_open: bool) -> bool {
        let mut wanted = self.wanted.subscribe();
        match wanted.wait_for(|open| *open != is_open).await {
            Ok(open) => *open,
            // Never: this listener has a sender of its own.
            Err(_) => is_open,
        }
    }

    /// Tells those who wait.
    pub(super) fn tell(&self, is_open: bool) {
        self.is_open.send_replace(is_open);
    }

    /// Listens again at the same place; `None` when somebody else has taken it for good.
    pub(super) async fn reopen(&self) -> Option<TcpListener> {
        for _ in 0..TRIES {
            if let Ok(listener) = TcpListener::bind(self.address).await {
                return Some(listener);
            }
            tokio::time::sleep(PAUSE).await;
        }
        // Not wanted any more, or it would be tried for ever.
        self.wanted.send_replace(false);
        None
    }
}
