//! The tokio runtimes that a transport is used in.
//!
//! A connection is driven by the runtime it was made in. Used from another runtime, it hangs while the
//! first one stands still, and breaks when that one ends. So each runtime has an HTTP client, and with
//! it connections, of its own.

use std::{
    future::{pending, poll_fn},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use tokio::{
    runtime::{Handle, Id},
    task::AbortHandle,
};

use super::send::{TransportError, TransportErrorKind};

/// A runtime, and the client whose connections it drives.
pub(super) struct Runtime {
    id: Id,
    /// The driver that it was built without.
    lacks: Option<&'static str>,
    ended: AtomicBool,
    client: OnceLock<Result<reqwest::Client, String>>,
}

/// All runtimes that a transport was used in and that have not ended.
#[derive(Default)]
pub(super) struct Runtimes(Mutex<Vec<Known>>);

struct Known {
    runtime: Arc<Runtime>,
    /// The task that the runtime drops when it ends.
    watch: AbortHandle,
}

impl Drop for Known {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// What the watching task owns.
struct Watch {
    runtime: Weak<Runtime>,
    all: Weak<Runtimes>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.upgrade() else { return };
        runtime.ended.store(true, Ordering::SeqCst);
        if let Some(all) = self.all.upgrade() {
            all.forget(&runtime);
        }
    }
}

impl Runtimes {
    /// The runtime that this is called in.
    pub(super) fn here(self: &Arc<Self>) -> Result<Arc<Runtime>, TransportError> {
        let handle = Handle::try_current().map_err(|_| unfit("there is no tokio runtime here"))?;
        let known = find(&self.lock(), handle.id());
        let runtime = known.unwrap_or_else(|| self.add(&handle));
        match runtime.lacks {
            Some(driver) => Err(unfit(&format!("this tokio runtime has no {driver}"))),
            None if runtime.ended() => Err(unfit("this tokio runtime has ended")),
            None => Ok(runtime),
        }
    }

    fn add(self: &Arc<Self>, handle: &Handle) -> Arc<Runtime> {
        let runtime = Arc::new(Runtime {
            id: handle.id(),
            lacks: missing_driver(),
            ended: AtomicBool::new(false),
            client: OnceLock::new(),
        });
        let watch = Watch { runtime: Arc::downgrade(&runtime), all: Arc::downgrade(self) };
        let watching = handle.spawn(async move {
            let _watch = watch;
            pending::<()>().await;
        });
        let new = Known { runtime: Arc::clone(&runtime), watch: watching.abort_handle() };
        // What is dropped here locks, too: only after the lock is released.
        let mut known = self.lock();
        if let Some(other) = find(&known, runtime.id) {
            // Another thread of the runtime was faster.
            drop(known);
            drop(new);
            return other;
        }
        if !runtime.ended() {
            known.push(new);
        }
        runtime
    }

    fn forget(&self, runtime: &Arc<Runtime>) {
        let mut known = self.lock();
        let at = known.iter().position(|known| Arc::ptr_eq(&known.runtime, runtime));
        let gone = at.map(|at| known.swap_remove(at));
        drop(known);
        drop(gone);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Known>> {
        // Each step leaves a valid list.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find(known: &[Known], id: Id) -> Option<Arc<Runtime>> {
    known.iter().map(|known| &known.runtime).find(|runtime| runtime.id == id).map(Arc::clone)
}

impl Runtime {
    /// The client of this runtime, which is made for its first call.
    pub(super) fn client(
        &self,
        make: impl FnOnce() -> Result<reqwest::Client, String>,
    ) -> Result<&reqwest::Client, TransportError> {
        self.client.get_or_init(make).as_ref().map_err(|problem| {
            TransportError::new(TransportErrorKind::Configuration).with_source(problem.clone())
        })
    }

    pub(super) fn ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// Waits for what needs this runtime. `None` when it ends before: timers and sockets of tokio may
    /// panic then.
    pub(super) async fn drive<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|context| {
            if self.ended() {
                return Poll::Ready(None);
            }
            match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
                Ok(poll) => poll.map(Some),
                Err(_) if self.ended() => Poll::Ready(None),
                Err(panic) => resume_unwind(panic),
            }
        })
        .await
    }
}

fn unfit(problem: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Configuration).with_source(format!(
        "{problem}: await the call in one with IO and time (`enable_all`), or use `send_blocking`"
    ))
}

/// The driver that the present runtime lacks.
///
/// Tokio does not tell. What needs a driver panics without it, so that is tried, once for each runtime.
fn missing_driver() -> Option<&'static str> {
    if panics(|| tokio::time::sleep(Duration::ZERO)) {
        return Some("time");
    }
    let address = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), (Ipv6Addr::LOCALHOST, 0).into()];
    // Without a socket nothing can be tried, nor sent.
    let socket = UdpSocket::bind(&address[..]).ok()?;
    socket.set_nonblocking(true).ok()?;
    panics(|| tokio::net::UdpSocket::from_std(socket)).then_some("IO")
}

fn panics<T>(work: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(|| drop(work()))).is_err()
}
