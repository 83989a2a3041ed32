//! Blocking calls: [`Call::send_blocking`](crate::Call::send_blocking), and waits:
//! [`Wait::wait_blocking`](crate::Wait::wait_blocking).
//!
//! No runtime has to be started: threads of this crate do the work while the calling thread sleeps. Each
//! call under way has a thread of its own, which is used again afterwards. One more thread does the input
//! and output of all calls of the program.
//!
//! A [signer](crate::sign::Signer), or another part that a client was given, may block: that delays this
//! call and no other. A call that is not done in its time is given up. If its request has not been sent
//! by then, it is never sent, and the outcome is [`NotSent`](crate::Outcome::NotSent). The thread is free
//! again when the part that blocks returns. There are up to 4096 threads, or as many as the system gives;
//! further calls wait for one. If the system gives none, a call fails with [`ErrorKind::Configuration`],
//! and nothing was sent.
//!
//! Blocking calls may be made within an asynchronous runtime and do not deadlock, since they do not use
//! that runtime. But they block the thread they are called on; `.await` is the better choice there.
//!
//! There are two limits. A client with a [transport](crate::ClientBuilder::transport), an
//! [HTTP client](crate::ClientBuilder::http_client_unchecked) or a [signer](crate::sign::Signer) of the
//! caller's should not make both kinds of calls at the same time within a runtime of one thread: its
//! connections may need the runtime they were made in. And tasks that a transport spawns must not make
//! blocking calls, which would block the input and output they wait for: such a call is an error.

mod threads;

use std::{
    cell::Cell,
    io,
    sync::{
        Arc, OnceLock,
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};

use tokio::runtime::{Builder, Handle};

use crate::{
    call::{
        exchange::{Exchange, Exchanged, no_response_within},
        shared::Shared,
    },
    error::{Error, ErrorKind},
    observe,
};

/// How much longer than its time a call may take to end by itself. Its own error says more.
const GRACE: Duration = Duration::from_millis(50);

thread_local! {
    /// Whether this is the thread that does the input and output of blocking calls.
    static SERVES: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn run(exchange: Exchange) -> Exchanged {
    let runtime = runtime()?;
    let timeout = exchange.timeout();
    let info = exchange.encoded.as_ref().ok().map(|encoded| Arc::clone(&encoded.info));
    let shared = Arc::new(Shared::default());
    let (sender, receiver) = mpsc::sync_channel(1);
    let of_call = Arc::clone(&shared);
    let call = observe::carried(async move { exchange.run_shared(&of_call).await });
    let limit = timeout.saturating_add(GRACE);
    let of_thread = Arc::clone(&shared);
    // On a thread of its own, where a signer may block; the runtime's does input and output.
    let started = threads::start(move || {
        if of_thread.is_given_up() {
            return;
        }
        // Parts that are dropped at the end may need it, too.
        let _within = runtime.enter();
        let call = async move { tokio::time::timeout(limit, call).await };
        let result = runtime.block_on(call);
        // Whoever waited may have given up.
        let _ = sender.send(result.ok());
    });
    let reason = match started.map(|()| receiver.recv_timeout(limit.saturating_add(GRACE))) {
        Err(problem) => no_thread(&problem),
        Ok(Ok(Some(result))) => return result,
        Ok(Ok(None) | Err(RecvTimeoutError::Timeout)) => no_response_within(timeout),
        Ok(Err(RecvTimeoutError::Disconnected)) => panicked(),
    };
    let reason = match info {
        Some(info) => reason.about(&info),
        None => reason,
    };
    let reason = shared.give_up(reason);
    // It may have ended just now.
    receiver.try_recv().ok().flatten().unwrap_or(Err(reason))
}

/// Runs what makes several calls or none, and ends by itself within a time. If something blocks its
/// thread, it does not, and `late` makes the error.
pub(crate) fn wait<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
    limit: Duration,
    late: impl FnOnce() -> Error,
) -> Result<T, Error> {
    let runtime = runtime()?;
    let (sender, receiver) = mpsc::sync_channel(1);
    let work = observe::carried(work);
    let started = threads::start(move || {
        let _within = runtime.enter();
        // Whoever waited may have given up.
        let _ = sender.send(runtime.block_on(work));
    });
    started.map_err(|problem| no_thread(&problem))?;
    receiver.recv_timeout(limit.saturating_add(GRACE)).map_err(|problem| match problem {
        RecvTimeoutError::Timeout => late(),
        RecvTimeoutError::Disconnected => panicked(),
    })
}

fn panicked() -> Error {
    Error::new(
        ErrorKind::Transport,
        "a transport, a signer or something else that the client was given panicked",
    )
}

/// The runtime of all blocking calls, on a thread of its own. An error on that thread.
fn runtime() -> Result<&'static Handle, Error> {
    static RUNTIME: OnceLock<io::Result<Handle>> = OnceLock::new();
    if SERVES.get() {
        return Err(Error::configuration(
            "a task of a transport makes a blocking call on the thread that does the input and output \
             of all blocking calls, which would block them: await the call there",
        ));
    }
    RUNTIME.get_or_init(start).as_ref().map_err(no_thread)
}

fn no_thread(problem: &io::Error) -> Error {
    let text = "the thread for blocking calls cannot be started";
    Error::configuration(format!("{text}: {problem}"))
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .thread_name("alipay-blocking-name")
        // Host names are looked up on them.
        .max_blocking_threads(threads::MOST)
        .build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new().name("alipay-blocking".to_owned()).spawn(move || {
        SERVES.set(true);
        runtime.block_on(std::future::pending::<()>());
    })?;
    Ok(handle)
}
