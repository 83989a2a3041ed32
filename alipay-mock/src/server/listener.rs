//! The port: open, the gateway accepts connections; closed, the system refuses them.
//!
//! A closed port stays bound. Otherwise the system would give it to others for connections of their own, also to a
//! client that calls the gateway just then, whose connection would lead to itself: the gateway could not open it again.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

/// How often, and with which pause, a closed port is opened again.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);
/// How many connections wait to be accepted at most.
const BACKLOG: u32 = 1024;

/// The gateway's port. Clones control the same one.
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

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Receives whether the port is to be open.
    pub(crate) fn subscribe(&self) -> watch::Receiver<bool> {
        self.wanted.subscribe()
    }

    /// Opens, and waits until it is open.
    pub(crate) async fn open(&self) {
        self.set(true).await;
    }

    /// Closes, and waits until it is closed.
    pub(crate) async fn close(&self) {
        self.set(false).await;
    }

    async fn set(&self, open: bool) {
        let mut is_open = self.is_open.subscribe();
        self.wanted.send_replace(open);
        // If the server has ended, there is nothing to wait for.
        let _ = tokio::time::timeout(PAUSE * TRIES, is_open.wait_for(|now| *now == open)).await;
    }

    /// Closes now and opens after this time, also when whoever waits for this goes away.
    pub(crate) async fn close_for(&self, time: Duration) {
        let listener = self.clone();
        let closed = tokio::spawn(async move {
            listener.close().await;
            tokio::spawn(async move {
                tokio::time::sleep(time).await;
                listener.open().await;
            });
        });
        // It does not fail before the runtime ends.
        let _ = closed.await;
    }

    /// Waits until the port is to be opened or closed; true to open it.
    pub(super) async fn wanted(&self, is_open: bool) -> bool {
        let mut wanted = self.wanted.subscribe();
        match wanted.wait_for(|open| *open != is_open).await {
            Ok(open) => *open,
            // Never: this listener owns a sender.
            Err(_) => is_open,
        }
    }

    /// Notes that the port is open, or closed.
    pub(super) fn report(&self, is_open: bool) {
        self.is_open.send_replace(is_open);
    }

    /// Stops listening and keeps the port; `None` if another process has taken it in between.
    pub(super) fn reserve(&self, listener: TcpListener) -> Option<TcpSocket> {
        drop(listener);
        self.bind().ok()
    }

    /// Listens again at the same address; `None` if another process has taken it.
    pub(super) async fn reopen(&self, mut reserved: Option<TcpSocket>) -> Option<TcpListener> {
        for _ in 0..TRIES {
            let socket = reserved.take().map_or_else(|| self.bind(), Ok);
            if let Ok(listener) = socket.and_then(|socket| socket.listen(BACKLOG)) {
                return Some(listener);
            }
            tokio::time::sleep(PAUSE).await;
        }
        // Otherwise it would be tried for ever.
        self.wanted.send_replace(false);
        None
    }

    fn bind(&self) -> io::Result<TcpSocket> {
        let socket =
            if self.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // Connections that have ended keep the port for a while. On Windows this would allow two listeners.
        #[cfg(not(windows))]
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        Ok(socket)
    }
}
